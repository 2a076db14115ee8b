import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Day } from './bad-day-experiment.ts';
import { until } from './command-line.ts';
import type { Ended } from './command-line.ts';
import { startLightStack } from './light-stack.ts';
import type { LightStack } from './light-stack.ts';

const limitMs = 60_000;
/** Soon blind, and not by one answer that is late. */
const soonBlind = { holdAfter: '3s', abortAfter: '5s' };
let stack: LightStack;

beforeAll(async () => {
  stack = await startLightStack();
}, 120_000);

afterAll(() => stack?.stop(), limitMs);

afterEach(async () => {
  stack.shop.say('one');
  stack.shop.freezeStamp(false);
  await stack.prometheus.start();
  // Scraped since: one that was restarted fast still has the samples from before.
  const since = Date.now() / 1000;
  await until(async () => ((await answerOf('timestamp(shop_queue)')) ?? 0) > since);
  // The alert of the run before, which Prometheus may find again in its storage: a guard refuses to measure beside it.
  await until(async () => (await answerOf('count(ALERTS) or vector(0)')) === 0);
}, limitMs);

describe('a run whose metrics go wrong', () => {
  test(
    'runs to its end while they are right',
    async () => {
      const ended = await stack.startRun({ hold: '1s' }).ended();

      expect(ended).toMatchObject({ code: 0 });
      expect(stack.recordOf(ended.stdout).outcome).toMatchObject({ ending: 'completed', hypothesis: 'held', cleanup: 'clean' });
    },
    limitMs,
  );

  test(
    'does not start when Prometheus is dead, and says what to do',
    async () => {
      await stack.prometheus.kill();

      const ended = await stack.startRun().ended();

      expect(ended.code).toBe(3);
      expect(ended.stdout).toContain(`telemetry-alive: Prometheus at ${stack.prometheusUrl} is not ready`);
      expect(ended.stdout).toContain('Start it, or mend prometheus.url in the environment file');
      expect(stack.recordOf(ended.stdout).injections).toEqual([]);
    },
    limitMs,
  );

  test.each([
    ['dies', () => stack.prometheus.kill(), /ECONNREFUSED/],
    ['freezes', () => stack.prometheus.freeze(), /did not answer/],
  ])(
    'is aborted as blind when Prometheus %s, and what it did not see is unknown',
    async (_what, goWrong, why) => {
      const run = stack.startRun({ expectAlert: true, probe: soonBlind });
      await run.shows('holding for');

      await goWrong();
      await run.shows('gone, read back');
      expect(stack.isBroken()).toBe(false);
      const ended = await run.ended();

      expectBlind(ended, 'error', why);
      const record = stack.recordOf(ended.stdout);
      // Nobody could ask whether the alert fired: that is not the same as that it did not.
      expect(record.metrics.ttd).toMatchObject({ status: 'not-measured', seconds: null });
      expect(record.alerts).toEqual([]);
      expect(record.findings.map(({ text }) => text).join()).not.toMatch(/did not fire|is not loaded/);
    },
    limitMs,
  );

  test.each<[string, Day, () => void, string, RegExp]>([
    ['vanishes', {}, () => stack.shop.say('none'), 'no-data', /shop_queue gives nothing/],
    ['is no number any more', {}, () => stack.shop.say('NaN'), 'no-data', /NaN/],
    [
      'is not renewed',
      { query: 'shop_stamped', probe: { maxAge: '5s' } },
      () => stack.shop.freezeStamp(true),
      'stale',
      /s old, more than 5 s/,
    ],
    ['becomes two series', {}, () => stack.shop.say('two'), 'config', /gives 2 series, not one. Aggregate it/],
    [
      'can no longer be computed',
      { query: 'sum(shop_desks * on (job) shop_queue)' },
      () => stack.shop.say('two'),
      'config',
      /refused \(422\).*many-to-one|refused \(422\).*duplicate/s,
    ],
  ])(
    'is aborted as blind when the metric %s',
    async (_what, day, goWrong, sampleClass, why) => {
      const run = stack.startRun({ ...day, probe: { ...soonBlind, ...day.probe } });
      await run.shows('holding for');

      goWrong();
      const ended = await run.ended();

      expect(stack.isBroken()).toBe(false);
      expectBlind(ended, sampleClass, why);
    },
    limitMs,
  );

  test.each<[string, Day, RegExp]>([
    ['gives two series', { query: 'shop_queue or shop_desks' }, /gives 2 series, not one. Aggregate it/],
    ['parses, but cannot be computed', { query: 'label_replace(shop_queue, "x", "$1", "job", "(")' }, /refused \(400|422\)/],
    ['gives nothing', { query: 'shop_quue' }, /returned no usable data \(shop_quue gives nothing\)/],
  ])(
    'does not start when the query %s',
    async (_what, day, why) => {
      const ended = await stack.startRun(day).ended();

      expect(ended.code).toBe(3);
      expect(ended.stdout).toMatch(why);
      expect(stack.recordOf(ended.stdout).injections).toEqual([]);
    },
    limitMs,
  );
});

function expectBlind(ended: Ended, sampleClass: string, why: RegExp): void {
  const { outcome, probes, samples } = stack.recordOf(ended.stdout);
  expect(ended.code).toBe(6);
  expect(outcome).toMatchObject({ ending: 'aborted', cleanup: 'clean', abortedBy: { kind: 'blind', name: 'queue' } });
  expect(outcome.reason).toMatch(why);
  expect(ended.stdout).toContain(outcome.reason);
  expect(probes.find(({ name }) => name === 'queue')?.unknown).toBeGreaterThan(1);
  expect(samples.findLast(({ probe }) => probe === 'queue')?.class).toBe(sampleClass);
}

async function answerOf(query: string): Promise<number | null> {
  const response = await fetch(`${stack.prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result.length === 1 ? Number(data.result[0]!.value[1]) : null;
}

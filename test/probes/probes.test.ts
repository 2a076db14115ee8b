import { describe, expect, test } from '@jest/globals';
import { AppError } from '../../src/domain/errors.ts';
import type { Reading } from '../../src/domain/measure/sample.ts';
import type { ProbeSource } from '../../src/domain/plan/plan.ts';
import { createProbes, probes } from '../../src/probes/index.ts';
import { probeLike } from '../domain/measure/samples.ts';
import { upstream } from './fake-upstreams.ts';

const ratio: ProbeSource = { type: 'prometheus-ratio', bad: 'sum(rate(bad[10s]))', total: 'sum(rate(total[10s]))' };
const number: ProbeSource = { type: 'prometheus', query: 'max(lag)' };

async function read(source: ProbeSource, says: Parameters<typeof upstream>[0]): Promise<Reading> {
  return createProbes(upstream(says)).read(probeLike({ source }), new AbortController().signal);
}

test('every member is registered under its own name', () => {
  for (const [name, member] of Object.entries(probes)) expect(member.name).toBe(name);
});

describe('a ratio', () => {
  test('is bad over total, with its age and the events behind it', async () => {
    const reading = await read(ratio, { parts: { bad: [1], total: [4], newest: [100] } });
    const newest = '1970-01-01T00:01:40.000Z';
    expect(reading).toEqual({ value: 0.25, sourceAt: newest, answeredAt: newest, events: 40, problem: null });
  });

  test('is zero when no error was ever counted beside a fresh total', async () => {
    expect(await read(ratio, { parts: { total: [4], newest: [100] } })).toMatchObject({ value: 0, problem: null });
  });

  test('of nothing is not a number, and so no data', async () => {
    expect((await read(ratio, { parts: { bad: [0], total: [0], newest: [100] } })).value).toBeNaN();
  });

  test.each<[string, Parameters<typeof upstream>[0], string]>([
    ['without a total is no data', { parts: { bad: [1], newest: [100] } }, 'no-data'],
    ['whose series have all gone is stale, though the rate still has a value', { parts: { bad: [1], total: [4] } }, 'stale'],
    ['with several numerators is a configuration problem', { parts: { bad: [1, 2], total: [4], newest: [1] } }, 'config'],
    ['with several denominators is a configuration problem', { parts: { bad: [1], total: [4, 4], newest: [1] } }, 'config'],
    ['with a negative numerator is an error', { parts: { bad: [-0.1], total: [4], newest: [1] } }, 'error'],
    ['of two negative sides is an error', { parts: { bad: [-1], total: [-4], newest: [1] } }, 'error'],
    ['from a partial answer is an error', { parts: { total: [4], newest: [1] }, warnings: ['a store is missing'] }, 'error'],
    ['that is refused is a configuration problem', { fails: new AppError('upstream/refused', 'parse error') }, 'config'],
    ['that cannot be asked is an error', { fails: new AppError('upstream/unreachable', 'down') }, 'error'],
    ['that meets a bug is an error, not a throw', { fails: 'boom' }, 'error'],
  ])('%s', async (_title, says, expected) => {
    expect((await read(ratio, says)).problem?.class).toBe(expected);
  });

  test('asks for both sides and their age at one instant, in one request that ends before the next sample', async () => {
    const context = upstream({ parts: { total: [1], newest: [1] } });
    await createProbes(context).read(
      probeLike({ source: ratio, intervalSeconds: 2, timeoutSeconds: 9 }),
      new AbortController().signal,
    );
    expect(context.asked).toHaveLength(1);
    expect(context.asked[0]!.timeoutMs).toBeLessThan(2000);
    for (const part of ['rate(bad[10s])', 'rate(total[10s])', 'timestamp(total)'])
      expect(context.asked[0]!.query).toContain(part);
  });
});

describe('a number', () => {
  test('is the one series of its query', async () => {
    expect(await read(number, { parts: { value: [7], newest: [100] } })).toMatchObject({ value: 7, problem: null });
  });

  test('may come without any series behind it', async () => {
    expect(await read({ type: 'prometheus', query: 'time()' }, { unlabelled: [5] })).toMatchObject({ value: 5, sourceAt: null });
  });

  test.each<[string, Parameters<typeof upstream>[0], string]>([
    ['from several series is a configuration problem', { parts: { value: [7, 8], newest: [100] } }, 'config'],
    ['from none is no data', { parts: { newest: [100] } }, 'no-data'],
    ['of series that have gone is stale', { parts: { value: [7] } }, 'stale'],
  ])('%s', async (_title, says, expected) => {
    expect((await read(number, says)).problem?.class).toBe(expected);
  });
});

describe('a request as users make it', () => {
  const asking = (measure: 'failure' | 'latency', url = 'http://127.0.0.1:1/'): ProbeSource => ({
    type: 'http',
    url,
    method: 'GET',
    body: null,
    measure,
    expectStatus: 200,
  });

  test.each<[string, ProbeSource, Parameters<typeof upstream>[0]['http'], number]>([
    ['the wanted status is no failure', asking('failure'), { kind: 'answer', status: 200, seconds: 0.1 }, 0],
    ['another status is a failure', asking('failure'), { kind: 'answer', status: 503, seconds: 0.1 }, 1],
    ['no answer is a failure', asking('failure'), { kind: 'no-answer', why: 'refused', seconds: 0 }, 1],
    ['latency is the time of an answer', asking('latency'), { kind: 'answer', status: 200, seconds: 0.1 }, 0.1],
    ['a fast error is no good latency', asking('latency'), { kind: 'answer', status: 500, seconds: 0.001 }, Infinity],
    ['no answer is an endless wait', asking('latency'), { kind: 'no-answer', why: 'timeout', seconds: 3 }, Infinity],
  ])('%s', async (_title, source, http, expected) => {
    expect(await read(source, { http: http! })).toMatchObject({ value: expected, problem: null });
  });

  test('what we could not send says nothing about the target', async () => {
    expect((await read(asking('failure'), { http: { kind: 'not-sent', why: 'stopped' } })).problem?.class).toBe('error');
    expect((await read(asking('failure', 'nonsense'), {})).problem?.class).toBe('config');
  });
});

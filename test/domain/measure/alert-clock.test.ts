import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { RawSeries, RuleFacts } from '../../../src/domain/measure/input.ts';
import { start } from './samples.ts';
import { at } from './samples.ts';
import { alertSeries, story } from './stories.ts';

const labels = { alertname: 'Errors', severity: 'page' };

/** Every series as it is stored under `query_offset`: earlier than the evaluation by it. What is written in them is not shifted. */
function offsetBy(seconds: number, series: RawSeries[]): RawSeries[] {
  return series.map((one) => ({ ...one, points: one.points.map(([time, value]) => [time - seconds, value] as const) }));
}

/** Pending at 12 and firing from 17: `ALERTS_FOR_STATE` is there from the first pending evaluation on. */
function stored(): RawSeries[] {
  const [alerts] = alertSeries(labels, [17, 45], 12);
  const [, states] = alertSeries(labels, [12, 45], 12);
  return [alerts!, states!];
}

test.each([5, 30, 60])('an alert of a group with a query offset of %s s did not fire that much earlier', (offset) => {
  const { clocks, metrics } = buildRunRecord(story({ input: { alertSeries: offsetBy(offset, stored()) } }));
  expect(clocks.pending?.at).toBe(at(12));
  expect(clocks.fired?.at).toBe(at(17));
  expect(clocks.cleared?.at).toBe(at(46));
  expect(metrics.ttd).toMatchObject({ status: 'measured', seconds: 7 });
});

test('whatever the query offset, the clocks offset and the evaluation interval, the bounds hold the moment it fired', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: -3000, max: 3000 }),
      fc.integer({ min: 1, max: 30 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (queryOffset, clockOffset, interval, phase) => {
        // True, on our clock: pending at `pending`, firing at the first evaluation 10 s or more later.
        const pending = start + (12 + phase) * 1000;
        const fires = pending + Math.ceil(10 / interval) * interval * 1000;
        const theirs = (ms: number) => (ms + clockOffset) / 1000;
        const grid = (from: number) => Array.from({ length: 10 }, (_, index) => from + index * interval * 1000);
        const active = Math.floor(theirs(pending));
        const series: RawSeries[] = [
          {
            labels: { __name__: 'ALERTS', alertstate: 'firing', ...labels },
            points: grid(fires).map((ms) => [theirs(ms) - queryOffset, 1] as const),
          },
          {
            labels: { __name__: 'ALERTS_FOR_STATE', ...labels },
            points: grid(pending).map((ms) => [theirs(ms) - queryOffset, active] as const),
          },
        ];
        const rules: RuleFacts[] = [
          { name: 'Errors', query: 'q', forSeconds: 10, intervalSeconds: interval, health: 'ok', labels: {} },
        ];
        const { clocks } = buildRunRecord(
          story({
            delivered: null,
            input: {
              alertSeries: series,
              rules,
              clockOffsets: [{ upstream: 'http://prometheus', offsetMs: clockOffset, errorMs: 1 }],
              endedAt: new Date(start + 600_000).toISOString(),
            },
          }),
        );
        const { lo, hi } = clocks.fired!;
        expect(Date.parse(lo)).toBeLessThanOrEqual(fires);
        expect(Date.parse(hi)).toBeGreaterThanOrEqual(fires);
      },
    ),
  );
});

test('of two rules of one name, the one whose labels the alert bears says how long it had to wait', () => {
  const slow = { name: 'Errors', query: 'q', forSeconds: 600, intervalSeconds: 60, health: 'ok', labels: { severity: 'ticket' } };
  const quick = { name: 'Errors', query: 'q', forSeconds: 5, intervalSeconds: 1, health: 'ok', labels: { severity: 'page' } };
  const record = (rules: RuleFacts[]) => buildRunRecord(story({ input: { rules } })).clocks.fired;
  expect(record([slow, quick])).toEqual(record([quick]));
});

test('an expected alert that stayed silent is measured by the rule with its severity, or the quickest it may be', () => {
  const slow = { name: 'Errors', query: 'q', forSeconds: 600, intervalSeconds: 60, health: 'ok', labels: { severity: 'ticket' } };
  const quick = { name: 'Errors', query: 'q', forSeconds: 5, intervalSeconds: 1, health: 'ok', labels: { severity: 'page' } };
  const classOf = (severity: string | null) =>
    buildRunRecord(
      story({
        firing: null,
        plan: { expectedAlerts: [{ alertname: 'Errors', labels: {}, severity, withinSeconds: 20 }] },
        input: { rules: [slow, quick] },
      }),
    ).alerts[0]!.class;
  expect(classOf('page')).toBe('missed');
  expect(classOf(null)).toBe('missed');
  expect(classOf('ticket')).toBe('undetectable-by-design');
});

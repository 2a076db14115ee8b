import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { TimelineEvent } from '../../../src/domain/run-record.ts';
import { at } from './samples.ts';
import { story } from './stories.ts';

const labels = { alertname: 'Errors', severity: 'page' };

function seenFiring(seconds: number, own: Record<string, string> = labels): TimelineEvent {
  return { at: at(seconds), source: 'alert', kind: 'alert.firing', text: 'Errors fires', data: { labels: own } };
}

/** The upper bound of an alert whose first firing sample is at 17, evaluated every second. */
function upperBound(timeline: readonly TimelineEvent[], delivered: number | null = null): string | undefined {
  return buildRunRecord(story({ delivered, input: { timeline } })).clocks.fired?.hi;
}

test('an alert that nobody saw fire may have been evaluated up to one interval after its sample', () => {
  expect(upperBound([])).toBe(at(18));
});

test('who saw it fire, or was told, bounds the time from above', () => {
  expect(upperBound([seenFiring(17.3)])).toBe(at(17.3));
  expect(upperBound([], 17.2)).toBe(at(17.2));
  expect(upperBound([seenFiring(17.3)], 17.2)).toBe(at(17.2));
});

test('neither another alert nor an earlier firing is a witness', () => {
  expect(upperBound([seenFiring(17.1, { ...labels, instance: 'b' }), seenFiring(4)])).toBe(at(18));
});

test('however late the evaluation was and whenever the run looked, the bounds hold the moment it fired', () => {
  const share = fc.double({ min: 0, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(share, share, (late, look) => {
      const fired = 17 + late;
      // A look every second, at some phase: the first one that comes after it fired.
      const seen = fired <= 17 + look ? 17 + look : 18 + look;
      const { lo, hi } = buildRunRecord(story({ delivered: null, input: { timeline: [seenFiring(seen)] } })).clocks.fired!;
      expect(lo <= at(fired) && at(fired) <= hi).toBe(true);
    }),
  );
});

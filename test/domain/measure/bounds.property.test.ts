import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { at, probeLike, start } from './samples.ts';
import { spent, story } from './stories.ts';
import type { Changes } from './stories.ts';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { MeasurementInput } from '../../../src/domain/measure/input.ts';

const second = fc.double({ min: 0, max: 60, noNaN: true });
const stretch = fc
  .tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }))
  .map(([one, other]) => [Math.min(one, other), Math.max(one, other)] as const);
const orNull = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null, freq: 5 });

const ending: fc.Arbitrary<MeasurementInput['ending']> = fc.constantFrom(
  { ending: 'completed', reason: 'held', abortedBy: null },
  { ending: 'aborted', reason: 'a probe', abortedBy: { kind: 'probe', name: 'errors' } },
  { ending: 'failed', reason: 'inject', abortedBy: null },
);

const faultTimes = fc
  .tuple(second, second, second, second)
  .map((all) => all.toSorted((a, b) => a - b))
  .map(([absent, verified, revertStarted, revertVerified]) => ({
    lastAbsentAt: at(absent!),
    verifiedAt: at(verified!),
    revertStartedAt: at(revertStarted!),
    revertVerifiedAt: at(revertVerified!),
  }));

const stories: fc.Arbitrary<Changes> = fc
  .record({
    hurt: orNull(stretch),
    firing: orNull(stretch),
    pending: fc.integer({ min: 0, max: 59 }),
    delivered: orNull(second),
    restored: orNull(second),
    people: fc.dictionary(fc.constantFrom('noticed', 'acknowledged', 'diagnosed', 'acted', 'mitigated'), second),
    status: fc.oneof({ weight: 5, arbitrary: faultTimes }, { weight: 1, arbitrary: fc.constantFrom(null, spent) }),
    windowSeconds: fc.integer({ min: 0, max: 120 }),
    offset: fc.record({ offsetMs: fc.integer({ min: -5000, max: 5000 }), errorMs: fc.integer({ min: 0, max: 2000 }) }),
    ending,
  })
  .map(({ windowSeconds, offset, ending: end, ...changes }) => ({
    ...changes,
    plan: { probes: [probeLike({ windowSeconds }), probeLike({ name: 'unseen', windowSeconds: 0 })] },
    input: { ending: end, clockOffsets: [{ upstream: 'http://prometheus', ...offset }] },
  }));

test('whatever happened, every number and every instant lies within its bounds, and none is negative', () => {
  fc.assert(
    fc.property(stories, (changes) => {
      const { metrics, clocks } = buildRunRecord(story(changes));
      for (const { status, seconds, lo, hi } of Object.values(metrics)) {
        if (seconds === null) expect([hi, lo === null || (status === 'censored' && lo >= 0)]).toEqual([null, true]);
        else expect(lo! >= 0 && lo! <= seconds && seconds <= hi!).toBe(true);
      }
      for (const clock of Object.values(clocks)) {
        if (clock !== null) expect(clock.lo <= clock.at && clock.at <= clock.hi).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test('however wide the window of a query, the impact it shows is never put before the fault, nor recovery before the impact', () => {
  fc.assert(
    fc.property(stories, (changes) => {
      const { clocks } = buildRunRecord(story(changes));
      const { t0, impact, recovered } = clocks;
      if (t0 !== null && impact !== null) expect(impact.lo >= t0.lo).toBe(true);
      if (impact !== null && recovered !== null) expect(recovered.lo >= impact.lo).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the bounds of recovery hold the moment users were well again, wherever it falls in the window', () => {
  const windowSeconds = 5;
  fc.assert(
    fc.property(fc.double({ min: 20, max: 40, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }), (well, share) => {
      // A value over a window is bad while `share` of the window is: a ratio or a quantile, from quick to slow.
      const hurtIn = (end: number) => Math.max(0, Math.min(end, well) - Math.max(end - windowSeconds, 12)) / windowSeconds;
      const samples = story().samples.map((sample) => {
        const isBad = hurtIn((Date.parse(sample.at) - start) / 1000) >= share;
        return { ...sample, class: isBad ? ('bad' as const) : ('good' as const) };
      });
      const { clocks } = buildRunRecord(story({ samples, plan: { probes: [probeLike({ windowSeconds })] } }));
      if (clocks.impact === null || clocks.recovered === null) return;
      expect(clocks.impact.lo <= at(12)).toBe(true);
      expect(clocks.recovered.lo <= at(well) && at(well) <= clocks.recovered.hi).toBe(true);
    }),
  );
});

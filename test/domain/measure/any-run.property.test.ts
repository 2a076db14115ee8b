import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { RawSeries, RawSli } from '../../../src/domain/measure/input.ts';
import type { Sample, SampleClass } from '../../../src/domain/measure/sample.ts';
import type { Metric } from '../../../src/domain/run-record.ts';
import { at, probeLike, sampleLike, start } from './samples.ts';
import { alertSeries, story } from './stories.ts';

const classes: SampleClass[] = ['good', 'bad', 'error', 'config', 'no-data', 'stale', 'low-traffic'];
const second = fc.double({ min: -5, max: 65, noNaN: true });
const samples: fc.Arbitrary<Sample[]> = fc.array(
  fc.tuple(second, fc.constantFrom(...classes)).map(([time, kind]) => sampleLike(time, kind)),
  { maxLength: 80 },
);

/** A counter as it may come: resets, gaps, nothing at all, numbers that are none, two samples at one instant. */
const counter: fc.Arbitrary<RawSeries> = fc
  .array(fc.tuple(second, fc.oneof(fc.nat({ max: 1000 }), fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -3))), {
    maxLength: 40,
  })
  .map((points) => ({
    labels: {},
    points: points.toSorted(([a], [b]) => a - b).map(([time, value]) => [start / 1000 + time, value] as const),
  }));

const ratio: fc.Arbitrary<RawSli> = fc
  .tuple(fc.array(counter, { maxLength: 3 }), fc.array(counter, { maxLength: 3 }))
  .map(([bad, total]) => ({ kind: 'ratio', probe: 'errors', bad, total }));

const quantile: fc.Arbitrary<RawSli> = fc
  .array(fc.tuple(fc.constantFrom('0.1', '0.5', '+Inf', 'NaN', ''), counter), { maxLength: 5 })
  .map((all) => ({
    kind: 'quantile',
    probe: 'errors',
    quantile: 0.99,
    buckets: all.map(([le, { points }]) => ({ labels: { le }, points })),
  }));

const run = fc.record({
  samples,
  rawSli: fc.oneof(
    fc.constant([]),
    ratio.map((sli) => [sli]),
    quantile.map((sli) => [sli]),
  ),
  firing: fc.option(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 31, max: 60 })), { nil: null }),
  pending: fc.integer({ min: -30, max: 30 }),
  delivered: fc.option(fc.integer({ min: 0, max: 60 }), { nil: null }),
  revertStarted: fc.double({ min: 10, max: 45, noNaN: true }),
  restored: fc.option(fc.integer({ min: 10, max: 60 }), { nil: null }),
  people: fc.dictionary(fc.constantFrom('noticed', 'acknowledged', 'acted', 'mitigated'), fc.integer({ min: 0, max: 60 })),
  offsetMs: fc.integer({ min: -5000, max: 5000 }),
  scrapeIntervalSeconds: fc.constantFrom(null, 1, 15, 60),
});

test('whatever a run was like, a number has bounds that hold it, and where there is none nothing looks like one', () => {
  fc.assert(
    fc.property(run, ({ offsetMs, scrapeIntervalSeconds, rawSli, revertStarted, firing, ...changes }) => {
      const check = { name: 'c', kind: 'hold', probe: 'errors', withinSeconds: null } as const;
      const record = buildRunRecord(
        story({
          ...changes,
          firing,
          status: { revertStartedAt: at(revertStarted), revertVerifiedAt: at(revertStarted + 0.2) },
          plan: {
            probes: [probeLike()],
            hypotheses: [{ name: 'h', statement: 's', slo: null, checks: [check] }],
          },
          input: {
            rawSli,
            scrapeIntervalSeconds,
            alertSeries: firing === null ? [] : alertSeries({ alertname: 'Errors', severity: 'page' }, firing, changes.pending),
            clockOffsets: [{ upstream: 'http://prometheus', offsetMs, errorMs: 3 }],
          },
        }),
      );
      expect(JSON.parse(JSON.stringify(record))).toEqual(record);
      for (const instant of Object.values(record.clocks)) {
        if (instant === null) continue;
        expect([instant.lo, instant.at, instant.hi].toSorted()).toEqual([instant.lo, instant.at, instant.hi]);
      }
      for (const metric of Object.values<Metric>(record.metrics)) {
        const isNumber = metric.status === 'measured' || metric.status === 'late';
        expect(metric.seconds !== null).toBe(isNumber);
        if (isNumber) expect(metric.lo! <= metric.seconds! && metric.seconds! <= metric.hi!).toBe(true);
      }
      const decided = changes.samples.filter(
        ({ class: kind, at: time }) => (kind === 'good' || kind === 'bad') && time >= at(10) && time <= at(revertStarted),
      );
      if (record.outcome.hypothesis === 'held') expect(decided.length).toBeGreaterThanOrEqual((revertStarted - 11) * 0.8);
    }),
    { numRuns: 300 },
  );
});

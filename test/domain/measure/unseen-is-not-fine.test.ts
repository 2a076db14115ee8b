import { describe, expect, test } from '@jest/globals';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { RawSeries, RawSli } from '../../../src/domain/measure/input.ts';
import type { HypothesisCheck } from '../../../src/domain/plan/plan.ts';
import type { Sample } from '../../../src/domain/measure/sample.ts';
import { at, probeLike, sampleLike, start } from './samples.ts';
import { everySecond, spent, story } from './stories.ts';
import type { Changes } from './stories.ts';

function checked(kind: HypothesisCheck['kind'], changes: Changes) {
  const hypotheses = [
    { name: 'h', statement: 's', slo: null, checks: [{ name: 'c', kind, probe: 'errors', withinSeconds: 20 }] },
  ];
  return buildRunRecord(story({ ...changes, plan: { hypotheses, ...changes.plan } }));
}

const between = (from: number, to: number) => (sample: Sample) => sample.at >= at(from) && sample.at <= at(to);
const good = everySecond(null);

describe('samples that are not in the record are not good ones', () => {
  const half = good.filter((_, index) => index % 2 === 0);
  const hole = good.filter((sample) => !between(15, 35)(sample));

  test.each<[string, HypothesisCheck['kind'], Sample[]]>([
    ['half of them lost: steady state is not proven', 'hold', half],
    ['a hole in the middle: steady state is not proven', 'hold', hole],
    ['half of them lost: an invariant is not proven', 'invariant', half],
    ['the end of them lost: an invariant is not proven', 'invariant', good.filter(between(0, 25))],
    ['half of them lost: recovery is not proven', 'recoverWithin', half],
  ])('%s', (_title, kind, samples) => {
    expect(checked(kind, { samples }).outcome.hypothesis).toBe('inconclusive');
  });

  test('half of them lost: the event may have been among them', () => {
    const never = everySecond([0, 100]).filter((_, index) => index % 2 === 0);
    expect(checked('eventWithin', { samples: never }).outcome.hypothesis).toBe('inconclusive');
  });

  test('how many are missing is said', () => {
    expect(checked('hold', { samples: half }).dataQuality.notes.join()).toMatch(/26 samples of errors.* 50 were due/);
    expect(checked('hold', {}).dataQuality.notes.join()).not.toContain('were due');
  });
});

describe('no impact is said only of what was seen', () => {
  test('a fault through which nothing could be measured is not withstood', () => {
    const samples = good.map((sample) =>
      between(12, 38)(sample) ? { ...sample, class: 'no-data' as const, value: null } : sample,
    );
    const { metrics } = buildRunRecord(story({ samples }));
    expect(metrics.tti.status).toBe('not-measured');
    expect(metrics.ttm.status).toBe('not-measured');
    expect(metrics.ttd.status).not.toBe('no-impact');
  });

  test('one journey that is fine says nothing of another that nobody could see', () => {
    const probes = [probeLike(), probeLike({ name: 'logins' })];
    const silent = good.map((sample) => ({ ...sample, probe: 'logins', class: 'no-data' as const, value: null }));
    expect(buildRunRecord(story({ plan: { probes }, samples: [...good, ...silent] })).metrics.tti.status).toBe('not-measured');
  });

  test('one journey that is hurt is an impact, whatever the other says', () => {
    const probes = [probeLike(), probeLike({ name: 'logins' })];
    const logins = good.map((sample) => ({ ...sample, probe: 'logins' }));
    const { metrics } = buildRunRecord(story({ plan: { probes }, samples: [...everySecond([12, 43]), ...logins] }));
    expect(metrics.tti).toMatchObject({ status: 'measured', seconds: 2 });
  });
});

describe('an event that was there before the fault', () => {
  test.each(['eventWithin', 'eventHappens'] as const)('decides nothing (%s)', (kind) => {
    const { outcome, hypotheses } = checked(kind, { hurt: null });
    expect(outcome.hypothesis).toBe('inconclusive');
    expect(hypotheses[0]!.checks[0]!.note).toContain('before the fault');
  });
});

describe('recovery is seen, not filled in', () => {
  test('one good sample after a long silence is not a stable recovery', () => {
    // Bad until 20, nothing until 44, good once: the plan wants 5 s of good.
    const samples = [...everySecond([12, 100], 20), sampleLike(44, 'good'), sampleLike(45, 'bad'), sampleLike(46, 'bad')];
    const { clocks, metrics } = buildRunRecord(story({ samples }));
    expect(clocks.recovered).toBeNull();
    expect(metrics.ttm.seconds).toBeNull();
  });

  test('a target that was away for long is not known to have been good meanwhile', () => {
    const times = [...Array(21).keys(), ...Array.from({ length: 6 }, (_, index) => 44 + index)];
    const points = (each: (second: number) => number) => {
      let sum = 0;
      return times.map((second) => [start / 1000 + second, (sum += each(second))] as const);
    };
    const rawSli: RawSli[] = [
      {
        kind: 'ratio',
        probe: 'errors',
        total: [{ labels: {}, points: points(() => 100) }],
        bad: [{ labels: {}, points: points((second) => (second >= 12 && second <= 20 ? 50 : second >= 46 ? 50 : 0)) }],
      },
    ];
    expect(buildRunRecord(story({ samples: [], input: { rawSli } })).clocks.recovered).toBeNull();
  });
});

describe('raw counters that say nothing', () => {
  const flat = (value: number): RawSeries[] => [
    { labels: {}, points: Array.from({ length: 61 }, (_, second) => [start / 1000 + second, value * second] as const) },
  ];

  test('a NaN among them is not a failure', () => {
    const rawSli: RawSli[] = [{ kind: 'ratio', probe: 'errors', bad: flat(Number.NaN), total: flat(100) }];
    const { clocks } = buildRunRecord(story({ hurt: null, input: { rawSli } }));
    expect(clocks.impact).toBeNull();
  });

  test.each([15, 60])('an outage as long as one scrape interval of %s s is an impact', (width) => {
    const seconds = Array.from({ length: 9 }, (_, index) => (index - 3) * width);
    const points = (each: (second: number) => number) => {
      let sum = 0;
      return seconds.map((second) => [start / 1000 + second, (sum += each(second))] as const);
    };
    const rawSli: RawSli[] = [
      {
        kind: 'ratio',
        probe: 'errors',
        total: [{ labels: {}, points: points(() => 100 * width) }],
        bad: [{ labels: {}, points: points((second) => (second === width ? 100 * width : 0)) }],
      },
    ];
    const input = { rawSli, scrapeIntervalSeconds: width, endedAt: at(5 * width) };
    const { metrics, clocks } = buildRunRecord(story({ samples: [], input }));
    expect(metrics.tti).toMatchObject({ status: 'measured', lo: 0 });
    expect(clocks.recovered).toMatchObject({ at: at(2 * width), lo: at(0) < clocks.impact!.lo ? clocks.impact!.lo : at(0) });
  });

  test('a quantile beyond the last finite bucket is not known to be below a limit that lies there too', () => {
    // 100 requests a second; from 12 on half of them are slower than any bucket tells.
    const points = (perSecondThen: number) =>
      Array.from(
        { length: 61 },
        (_, second) => [start / 1000 + second, 100 * Math.min(second, 11) + perSecondThen * Math.max(0, second - 11)] as const,
      );
    const rawSli: RawSli[] = [
      {
        kind: 'quantile',
        probe: 'errors',
        quantile: 0.99,
        buckets: [
          { labels: { le: '0.1' }, points: points(50) },
          { labels: { le: '0.25' }, points: points(50) },
          { labels: { le: '+Inf' }, points: points(100) },
        ],
      },
    ];
    const tti = (threshold: number) =>
      buildRunRecord(story({ samples: [], plan: { probes: [probeLike({ threshold })] }, input: { rawSli } })).metrics.tti.status;
    expect(tti(0.5)).toBe('not-measured');
    expect(tti(0.2)).toBe('measured');
  });
});

test('while one injection is not accounted for, nothing is said to be reverted', () => {
  const input = story();
  const injections = [...input.injections, { spec: { ...input.injections[0]!.spec, id: 'r1-2-1' }, status: null }];
  expect(buildRunRecord({ ...input, injections }).clocks.reverted).toBeNull();
});

describe('a fault that was on for too short a time', () => {
  const early: Changes = { hurt: null, status: { revertStartedAt: at(11) } };

  test.each(['hold', 'recoverWithin', 'invariant'] as const)('proves nothing by what did not happen (%s)', (kind) => {
    expect(checked(kind, early).outcome.hypothesis).toBe('inconclusive');
  });

  test('does not break what waits for an event', () => {
    expect(checked('eventHappens', { ...early, hurt: [0, 100] }).outcome.hypothesis).toBe('inconclusive');
  });

  test('breaks an invariant that was violated all the same', () => {
    expect(checked('invariant', { ...early, hurt: [10, 12] }).outcome.hypothesis).toBe('broken');
  });

  test('by an event whose run ended early does not prove steady state', () => {
    const changes = { hurt: null, status: spent, input: { endedAt: at(20) }, samples: everySecond(null, 20) };
    expect(checked('hold', changes).outcome.hypothesis).toBe('inconclusive');
  });
});

test('a journey that was bad before the fault is not its doing', () => {
  const { metrics, clocks } = buildRunRecord(story({ hurt: [5, 43] }));
  expect(metrics.tti).toMatchObject({ status: 'pre-existing', seconds: null });
  expect(metrics.ttm).toMatchObject({ status: 'pre-existing', seconds: null });
  expect(clocks.impact).toBeNull();
});

test('where the counters were lost and the samples were not, the samples are asked', () => {
  const points = Array.from({ length: 12 }, (_, second) => [start / 1000 + second, second * 100] as const);
  const rawSli: RawSli[] = [{ kind: 'ratio', probe: 'errors', bad: [], total: [{ labels: {}, points }] }];
  const { clocks } = buildRunRecord(story({ input: { rawSli } }));
  expect(clocks.impact).toMatchObject({ at: at(12), source: 'samples of errors' });
});

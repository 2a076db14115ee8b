import { expect, test } from '@jest/globals';
import { at, probeLike } from './samples.ts';
import { story } from './stories.ts';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import { histogramQuantile } from '../../../src/domain/measure/histogram-quantile.ts';
import type { RawQuantile, RawSeries } from '../../../src/domain/measure/input.ts';

test.each([
  ['is linear inside a bucket', 0.5, [0, 100, 100], 0.55],
  ['begins at zero', 0.5, [100, 100, 100], 0.05],
  ['is the highest finite bound for what lies beyond', 0.99, [50, 50, 100], 1],
  ['of nothing is nothing', 0.5, [0, 0, 0], null],
])('a quantile of buckets %s', (_title, quantile, [tenth, one, all], expected) => {
  const buckets = [
    { le: Infinity, count: all! },
    { le: 0.1, count: tenth! },
    { le: 1, count: one! },
  ];
  const value = histogramQuantile(quantile, buckets)?.value ?? null;
  if (expected === null) expect(value).toBeNull();
  else expect(value).toBeCloseTo(expected, 9);
});

/** 20 requests a second, counted when they end; slow ones take between 0.5 s and 1 s. */
function bucketsOf(isSlow: (second: number) => boolean, requests = 20): RawSeries[] {
  const series = (le: string, counts: (second: number) => number): RawSeries => {
    let sum = 1000;
    const points = Array.from({ length: 61 }, (_, second) => [Date.parse(at(second)) / 1000, (sum += counts(second))] as const);
    return { labels: { le }, points };
  };
  return [
    series('0.5', (second) => (isSlow(second) ? 0 : requests)),
    series('1', () => requests),
    series('+Inf', () => requests),
  ];
}

const latency = probeLike({
  source: { type: 'prometheus', query: 'histogram_quantile(0.99, sum by (le) (rate(d_bucket[5s])))' },
  comparator: '<',
  threshold: 0.5001,
  unit: 'seconds',
  windowSeconds: 5,
});

function judged(buckets: RawSeries[]) {
  const rawSli: RawQuantile[] = [{ kind: 'quantile', probe: 'errors', quantile: 0.99, buckets }];
  return buildRunRecord(story({ plan: { probes: [latency] }, input: { rawSli } }));
}

test('a latency is judged scrape by scrape from its buckets, and its window widens nothing', () => {
  const { clocks, metrics, dataQuality } = judged(bucketsOf((second) => second >= 12 && second < 21));
  expect(clocks.impact).toMatchObject({ at: at(12), lo: at(10), source: 'raw counters of errors' });
  expect(clocks.recovered).toMatchObject({ at: at(21), lo: at(19), hi: at(21) });
  expect(metrics.ttm).toMatchObject({ status: 'measured', seconds: 11, lo: 9, hi: 11.2 });
  expect(metrics.ttm.note).not.toContain('looks back');
  expect(dataQuality.notes.join()).not.toContain('window');
});

test('one slow second among quick ones is no impact', () => {
  expect(judged(bucketsOf((second) => second === 14)).metrics.tti.status).toBe('no-impact');
});

test('without requests the buckets say nothing, and the samples are asked', () => {
  expect(judged(bucketsOf(() => true, 0)).clocks.impact).toMatchObject({ source: 'samples of errors' });
});

import { counterSumOf, histogramQuantileOf } from './shared/promql.ts';
import type { ProbeSource } from '../domain/plan/plan.ts';

/** What to fetch as stored: the two counters of a ratio, or the buckets of a histogram. */
export type RawSelectors =
  | { readonly kind: 'ratio'; readonly bad: string; readonly total: string }
  | { readonly kind: 'quantile'; readonly quantile: number; readonly buckets: string };

/** The counters behind a probe; null when it is neither a ratio of two plain counter sums nor a quantile of plain buckets. */
export function rawSelectorsOf(source: ProbeSource): RawSelectors | null {
  if (source.type === 'http') return null;
  if (source.type === 'prometheus') {
    const histogram = histogramQuantileOf(source.query);
    return histogram === null ? null : { kind: 'quantile', quantile: histogram.quantile, buckets: histogram.selector };
  }
  const bad = counterSumOf(source.bad);
  const total = counterSumOf(source.total);
  return bad === null || total === null ? null : { kind: 'ratio', bad: bad.selector, total: total.selector };
}

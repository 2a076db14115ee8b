import { counterSumOf } from './shared/promql.ts';
import type { ProbeSource } from '../domain/plan/plan.ts';

/** The counters behind a ratio, to be fetched as stored; null when the ratio is not made of two plain counter sums. */
export function rawSelectorsOf(source: ProbeSource): { readonly bad: string; readonly total: string } | null {
  if (source.type !== 'prometheus-ratio') return null;
  const bad = counterSumOf(source.bad);
  const total = counterSumOf(source.total);
  return bad === null || total === null ? null : { bad: bad.selector, total: total.selector };
}

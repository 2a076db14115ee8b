import { histogramQuantileOf } from './shared/promql.ts';
import { satisfies } from '../domain/measure/comparator.ts';
import type { PlannedProbe } from '../domain/plan/plan.ts';
import type { MetricsSource } from '../ports/metrics.ts';

/**
 * Why a quantile can never be bad; null when it can. `histogram_quantile` answers with the highest finite bound for whatever lies
 * beyond it: a limit above that bound is kept however slow a service is. Errors: as `labelValues`.
 */
export async function neverBad(
  { source, comparator, threshold }: PlannedProbe,
  metrics: Pick<MetricsSource, 'labelValues'>,
): Promise<string | null> {
  const histogram = source.type === 'prometheus' ? histogramQuantileOf(source.query) : null;
  if (histogram === null) return null;
  const bounds = (await metrics.labelValues('le', histogram.selector)).map(Number).filter(Number.isFinite);
  const highest = Math.max(...bounds);
  // Without bounds there is no data yet, which the samples tell.
  if (bounds.length === 0 || !satisfies(highest, comparator, threshold) || satisfies(Infinity, comparator, threshold))
    return null;
  return `it can never be bad: the highest finite bucket of ${histogram.selector} is ${highest}, and a slower service reads as that, too. Give the histogram a bucket beyond ${threshold}, or the probe a lower limit`;
}

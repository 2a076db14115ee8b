import { partsOf, selectorsOf } from './shared/promql.ts';
import type { ProbeSource } from '../domain/plan/plan.ts';
import type { MetricsSource } from '../ports/metrics.ts';

/**
 * Why nothing was counted as bad within the last hour; null when something was. A service that never failed has no bad series,
 * and neither has a selector with a slip in it: both read 0. A metric or a label that does not exist tells the slip.
 * Errors: as `labelNames`.
 */
export interface UnseenBadSide {
  /** It cannot be seen as it is written: its metric, or one of its labels, does not exist. */
  readonly unknown: boolean;
  readonly why: string;
}

export async function unseenBadSide(
  { bad, total }: Extract<ProbeSource, { type: 'prometheus-ratio' }>,
  metrics: Pick<MetricsSource, 'labelNames'>,
): Promise<UnseenBadSide | null> {
  const totals = selectorsOf(total).map((selector) => ({ selector, ...partsOf(selector) }));
  for (const selector of selectorsOf(bad)) {
    if ((await metrics.labelNames(selector)).length > 0) return null;
    const { metric, labels } = partsOf(selector);
    if (metric === null) continue;
    // Among what is counted in total: another service may have the label, this one not.
    const scope = totals.find((other) => other.metric === metric)?.selector ?? metric;
    const known = await metrics.labelNames(scope);
    if (known.length === 0) return { unknown: true, why: `there is no metric ${metric}` };
    const missing = labels.filter((label) => !known.includes(label));
    if (missing.length > 0) return { unknown: true, why: `no series of ${scope} has a label ${missing.join(' or ')}` };
  }
  return { unknown: false, why: `no series fits ${bad} within the last hour` };
}

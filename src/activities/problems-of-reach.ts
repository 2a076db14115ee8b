import { messageOf } from '../domain/errors.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import { neverBad } from '../probes/quantile-reach.ts';

/** What could not be asked is a problem too: a probe that may never be bad is not one that looks good. */
export async function problemsOfReach(
  { probes }: Pick<Plan, 'probes'>,
  metrics: Pick<MetricsSource, 'labelValues'>,
): Promise<string[]> {
  const found = await Promise.all(
    probes.map(async (probe) => {
      const why = await neverBad(probe, metrics).catch(
        (error: unknown) => `nobody knows whether it can be bad: ${messageOf(error)}`,
      );
      return why === null ? [] : [`${probe.name}: ${why}`];
    }),
  );
  return found.flat();
}

import { messageOf } from '../domain/errors.ts';
import type { Surroundings } from '../domain/plan/plan.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import type { KubernetesEnvironment } from '../spec/environment.ts';
import type { ResolvedStep } from './resolve-targets.ts';

const timeoutMs = 3_000;

/** The share of the service's requests that its chosen pods take now. What cannot be told for sure is unknown, never estimated. */
export async function trafficOn(
  { injections, members }: ResolvedStep,
  { traffic }: Pick<KubernetesEnvironment, 'traffic'>,
  metrics: Pick<MetricsSource, 'instant'> | undefined,
): Promise<Surroundings['traffic']> {
  const podOf = ({ locator: { pod } }: (typeof members)[number]): string[] => (typeof pod === 'string' ? [pod] : []);
  const chosen = injections.flatMap(({ target }) => podOf(target));
  if (traffic === null || metrics === undefined || chosen.length === 0) return null;
  try {
    const { series } = await metrics.instant(traffic.requests, { timeoutMs });
    const namespace = injections[0]?.target.locator['namespace'];
    const rates = new Map<string, number>();
    for (const { labels, points } of series) {
      const pod = labels[traffic.label];
      const value = points.at(-1)?.[1];
      if (pod === undefined || value === undefined || (labels['namespace'] ?? namespace) !== namespace) continue;
      rates.set(pod, (rates.get(pod) ?? 0) + value);
    }
    const all = members.flatMap(podOf);
    const silent = all.filter((pod) => !Number.isFinite(rates.get(pod)));
    if (silent.length > 0) return { unknown: `no requests are counted of ${silent.join(', ')} (label ${traffic.label})` };
    const sum = (pods: readonly string[]): number => pods.reduce((total, pod) => total + rates.get(pod)!, 0);
    return sum(all) > 0 ? { share: sum(chosen) / sum(all) } : { unknown: 'nobody asks the service anything now' };
  } catch (error) {
    return { unknown: messageOf(error) };
  }
}

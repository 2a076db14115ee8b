import { AppError } from '../../src/domain/errors.ts';
import type { KubernetesServices } from '../../src/adapters/kubernetes/services.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { BenchCluster } from './bench-cluster.ts';
import type { Asked } from './cluster-run.ts';

/** ConfigMaps of one key, for faults that touch nothing but the API. */
export const settings = { name: 'settings', key: 'limit' } as const;

export async function makeSettings({ api, namespace }: BenchCluster, names: readonly string[]): Promise<void> {
  const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace };
  for (const name of names) {
    const made = await api.create(configMaps, { metadata: { name }, data: { [settings.key]: 'as it should be' } });
    if (!made.ok) throw new AppError('upstream/refused', `ConfigMap ${name} was not made: ${made.message}`);
  }
}

/** One target per ConfigMap, as a plan would name them. */
export async function settingsTargets(cluster: BenchCluster, names: readonly string[]): Promise<readonly TargetRef[]> {
  const configs = names.map((name) => ({ name, configMap: name }));
  const services: KubernetesServices = {
    shop: { namespace: cluster.namespace, links: [], volumes: [], configs, postgres: [], redis: [] },
  };
  const found = await Promise.all(
    names.map((config) => cluster.targets(services, { kind: 'config', service: 'shop', config }, 1)),
  );
  return found.flat();
}

export function driftOf(target: TargetRef): Asked {
  return { fault: 'config-drift', agent: 'cluster', target, params: { key: settings.key, change: 'wrong' } };
}

import { createKubernetesStore } from '../adapters/kubernetes/injection-store.ts';
import { applyObjects, narrowedRoles, pruneObjects, serves } from '../adapters/kubernetes/installation.ts';
import { parseClusterPolicy } from '../adapters/kubernetes/agent-policy.ts';
import type { ClusterPolicy } from '../adapters/kubernetes/agent-policy.ts';
import { customResources } from '../adapters/kubernetes/crd.ts';
import { AppError } from '../domain/errors.ts';
import { faults } from '../faults/index.ts';
import { manifests } from '../install/manifests.ts';
import { monitoringGroup } from '../install/monitoring.ts';
import { instanceLabel } from '../install/names.ts';
import type { ConfigName, Manifest } from '../install/options.ts';
import { systemClock } from '../ports/clock.ts';
import type { KubeApi } from '../ports/kubernetes.ts';
import { liveInjections } from './live-injections.ts';

export interface InstallRequest {
  readonly environment: string;
  readonly namespace: string;
  /** That may be acted in. */
  readonly namespaces: readonly string[];
  /** ConfigMaps and Secrets that the environment file names. Absent: none. */
  readonly configs?: readonly ConfigName[];
  readonly nodes: readonly string[];
  readonly image: string;
  readonly pullSecret: string | null;
  /** null: all that a cluster's agents have. */
  readonly faults: readonly string[] | null;
  readonly apiFaultsOnly: boolean;
  /** Absent: none. As `InstallOptions`. */
  readonly monitoring?: boolean;
}

/** The objects of an installation. Errors: `spec/invalid`, for a fault that no agent here has, or a namespace that nothing opens. */
export function installationOf(request: InstallRequest): readonly Manifest[] {
  const { environment, namespace, namespaces, nodes, image, pullSecret, apiFaultsOnly } = request;
  const kinds = apiFaultsOnly ? (['cluster'] as const) : (['cluster', 'node'] as const);
  const available = faults.filter(({ agents }) => kinds.some((kind) => agents.includes(kind)));
  const unknown = request.faults?.filter((name) => !available.some((fault) => fault.name === name)) ?? [];
  if (unknown.length > 0) {
    const are = available.map(({ name }) => name).join(', ');
    throw new AppError('spec/invalid', `--faults: no agent of this installation has ${unknown.join(', ')}. There are: ${are}`);
  }
  const enabled = available.filter(({ name }) => request.faults?.includes(name) ?? true);
  const policy: ClusterPolicy & { allowFaults: string[] } = {
    environment,
    allowFaults: enabled.map(({ name }) => name),
    allowNamespaces: [...namespaces],
    allowNodes: [...nodes],
  };
  parseClusterPolicy(JSON.stringify(policy), namespace);
  return manifests({
    namespace,
    namespaces,
    nodes,
    configs: request.configs ?? [],
    image,
    pullSecret,
    apiFaultsOnly,
    monitoring: request.monitoring ?? false,
    needs: Object.fromEntries(enabled.map(({ name, needs = [] }) => [name, needs])),
    policy: JSON.parse(JSON.stringify(policy)),
    customResources: Object.values(customResources) as readonly Manifest[],
  });
}

/** Whether the cluster has the Prometheus operator's kinds. Errors: as `KubeApi`. */
export async function hasMonitoring(api: KubeApi): Promise<boolean> {
  return serves(api, monitoringGroup);
}

/**
 * Makes them, and takes away what an earlier installation had and this one has not. What was taken away, by name. Errors:
 * `guard/blocked` while something is in effect that its agent may then not revert, those of the API.
 */
export async function install(api: KubeApi, namespace: string, objects: readonly Manifest[]): Promise<readonly string[]> {
  const ours = `${instanceLabel}=${namespace},app.kubernetes.io/part-of=firedrill`;
  const narrowed = await narrowedRoles(api, ours, objects);
  if (narrowed.length > 0) await nothingInEffect(api, namespace, narrowed);
  await applyObjects(api, objects);
  return pruneObjects(api, ours, objects);
}

async function nothingInEffect(api: KubeApi, namespace: string, narrowed: readonly string[]): Promise<void> {
  const store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope: null, clock: systemClock });
  try {
    const live = await liveInjections(api, namespace, store);
    if (live.length === 0) return;
    throw new AppError(
      'guard/blocked',
      `this would take rights away (${narrowed.join(', ')}) that reverting may need: ${live.join(', ')} have not ended. ` +
        'Wait for their runs, or delete these injections, then install again',
    );
  } finally {
    store.close();
  }
}

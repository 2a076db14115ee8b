import { parse, stringify } from 'yaml';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import { install, installationOf } from '../../../src/compose/install.ts';
import { uninstall } from '../../../src/compose/uninstall.ts';
import { nodeAgentsNamespace } from '../../../src/domain/plan/protected-namespaces.ts';
import type { Manifest } from '../../../src/install/options.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';

/** An installation of its own in the lab cluster, with leases as short as tests want them. */
export interface InstalledAgents {
  readonly namespace: string;
  readonly nodesNamespace: string;
  readonly store: KubernetesStore;
  /** Installs again, changed; resolves when the agents run. */
  apply(change?: (object: Manifest) => Manifest): Promise<void>;
  remove(): Promise<void>;
}

export async function installAgents(api: KubeApi, namespace: string, targets: string): Promise<InstalledAgents> {
  const objects = installationOf({
    environment: 'lab',
    namespace,
    namespaces: [targets],
    nodes: ['w4'],
    image: imageReference('agent'),
    pullSecret: null,
    faults: null,
    apiFaultsOnly: false,
  });
  const nodesNamespace = nodeAgentsNamespace(namespace);
  const apply: InstalledAgents['apply'] = async (change = (object) => object) => {
    await install(api, namespace, objects.map(withShortLeases).map(change));
    await kubectl('-n', namespace, 'rollout', 'status', 'deployment/firedrill-cluster-agent', '--timeout=90s');
  };
  const remove = async (): Promise<void> => {
    await uninstall(api, { namespace, force: true, by: 'a test', timeoutMs: 60_000 });
  };
  try {
    await apply();
  } catch (error) {
    await remove();
    throw error;
  }
  const store = createKubernetesStore({ api, namespace, journalNamespace: nodesNamespace, scope: null, clock: systemClock });
  return {
    namespace,
    nodesNamespace,
    store,
    apply,
    async remove() {
      store.close();
      await remove();
    },
  };
}

function withShortLeases(object: Manifest): Manifest {
  if (object.metadata.name !== 'firedrill-policy') return object;
  const { 'policy.yaml': text } = object['data'] as { readonly 'policy.yaml': string };
  const policy = parse(text) as object;
  return { ...object, data: { 'policy.yaml': stringify({ ...policy, leaseSeconds: { min: 2, max: 60 } }) } };
}

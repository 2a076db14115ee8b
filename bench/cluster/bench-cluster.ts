import { createKubeApi } from '../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import { kubeconfigAccess } from '../../src/adapters/kubernetes/kubeconfig.ts';
import { kubernetesPlatform } from '../../src/adapters/kubernetes/platform.ts';
import type { KubernetesServices } from '../../src/adapters/kubernetes/services.ts';
import { AppError } from '../../src/domain/errors.ts';
import { nodeAgentsNamespace } from '../../src/domain/plan/protected-namespaces.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { Selector } from '../../src/domain/plan/selector.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { KubeApi } from '../../src/ports/kubernetes.ts';
import { requireCluster } from '../../lab/kubernetes/cluster-record.ts';
import { adminKubeconfig } from '../../lab/kubernetes/layout.ts';
import { until } from '../../lab/kubernetes/step.ts';
import { installAgents } from './installation.ts';

/** Two namespaces of the lab cluster: one with what is broken, one with agents of our own. */
export interface BenchCluster extends AsyncDisposable {
  readonly api: KubeApi;
  /** Of the targets. */
  readonly namespace: string;
  readonly agentsNamespace: string;
  readonly nodeAgentsNamespace: string;
  readonly store: KubernetesStore;
  /** As a plan of these services would name them. Waits until there are `count`. Errors: `upstream/unreachable`. */
  targets(services: KubernetesServices, selector: Selector, count: number): Promise<readonly TargetRef[]>;
}

const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
const goneWithinMs = 90_000;
const readyWithinMs = 120_000;

/** `figure` is in their names. Both are taken away, with all that is in them, when disposed of. */
export async function openBenchCluster(figure: string): Promise<BenchCluster> {
  requireCluster();
  await using parts = new AsyncDisposableStack();
  const api = parts.adopt(createKubeApi(await kubeconfigAccess({ file: adminKubeconfig() })), (open) => open.close());
  const namespace = `bench-${figure}-${process.pid}`;
  const agentsNamespace = `${namespace}-fd`;
  const made = await api.create(namespaces, { metadata: { name: namespace } });
  if (!made.ok) throw new AppError('upstream/refused', `namespace ${namespace} was not made: ${made.message}`);
  parts.defer(async () => {
    await api.delete(namespaces, namespace);
    await until(
      `the end of namespace ${namespace}`,
      goneWithinMs,
      async () => (await api.get(namespaces, namespace)) === null || null,
    );
  });
  parts.use(await installAgents(api, { namespace: agentsNamespace, targets: namespace }));
  const nodesNamespace = nodeAgentsNamespace(agentsNamespace);
  const store = parts.adopt(
    createKubernetesStore({ api, namespace: agentsNamespace, journalNamespace: nodesNamespace, scope: null, clock: systemClock }),
    (open) => open.close(),
  );
  const owned = parts.move();
  return {
    api,
    namespace,
    agentsNamespace,
    nodeAgentsNamespace: nodesNamespace,
    store,
    targets: (services, selector, count) =>
      until(`${count} targets of ${JSON.stringify(selector)}`, readyWithinMs, async () => {
        const found = await kubernetesPlatform(services, api).resolve(selector);
        return found.length < count ? null : found;
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

import { randomUUID } from 'node:crypto';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { kubeconfigAccess } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { ClusterTools } from '../../../src/faults/cluster-tools.ts';
import { apiNeeds } from '../../../src/faults/index.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import type { Answer, KubeApi, KubeObject, KubeResource } from '../../../src/ports/kubernetes.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { until } from '../../faults/until.ts';

/** Answers `/healthz`, at once; as any user, on a root that it cannot write. */
const webServer = 'mkdir -p /tmp/www && echo ok > /tmp/www/healthz && exec busybox httpd -f -p 8080 -h /tmp/www';

/** A namespace of the real cluster for one subject, and what a test does there itself, beside the fault. */
export interface Sandbox {
  readonly namespace: string;
  readonly api: KubeApi;
  readonly tools: ClusterTools;
  make(resource: Omit<KubeResource, 'namespace'>, object: JsonObject): Promise<KubeObject>;
  /** Makes a workload of web servers and waits until all are ready. */
  deploy(name: string, app: WebServer): Promise<readonly Pod[]>;
  /** Its pods, in the order of their names. */
  pods(app: string): Promise<readonly Pod[]>;
  dispose(): Promise<void>;
}

export interface WebServer {
  readonly replicas: number;
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly nodeName?: string;
  readonly graceSeconds?: number;
  /** One more in a zone than in another, at most. */
  readonly spread?: boolean;
  /** Annotated as a target of Prometheus. */
  readonly scraped?: boolean;
}

/** As its agent is started. */
const agent = { needs: apiNeeds, clock: systemClock, image: imageReference('agent') };

export const core = { group: '', version: 'v1' } as const;
export const apps = { group: 'apps', version: 'v1' } as const;

export async function openSandbox(): Promise<Sandbox> {
  const api = createKubeApi(await kubeconfigAccess());
  const namespace = `faults-${randomUUID().slice(0, 8)}`;
  const disposed = new AbortController();
  taken(
    await api.create({ ...core, resource: 'namespaces' }, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }),
  );

  const make: Sandbox['make'] = async (resource, object) => taken(await api.create({ ...resource, namespace }, object));
  const pods: Sandbox['pods'] = async (app) => {
    const { items } = await api.list<Pod & KubeObject>({ ...core, resource: 'pods', namespace }, { labelSelector: `app=${app}` });
    return [...items].sort((one, other) => one.metadata.name.localeCompare(other.metadata.name));
  };

  return {
    namespace,
    api,
    tools: createClusterTools(api, { ...agent, signal: disposed.signal }),
    make,
    pods,
    async deploy(name, app) {
      await serve({ make }, name, app);
      const allReady = async (): Promise<boolean> => (await pods(name)).filter(isReady).length === app.replicas;
      await until(`${app.replicas} pods of ${name} are ready`, allReady, 60_000);
      return pods(name);
    },
    async dispose() {
      disposed.abort();
      await api.delete({ ...core, resource: 'namespaces' }, namespace);
      api.close();
    },
  };
}

/** Makes a workload of web servers, and waits for nothing. */
export async function serve({ make }: Pick<Sandbox, 'make'>, name: string, app: WebServer): Promise<KubeObject> {
  return make({ ...apps, resource: app.kind === 'StatefulSet' ? 'statefulsets' : 'deployments' }, workload(name, app));
}

/** As a plan names a pod. */
export function podTarget({ metadata, spec }: Pod): TargetRef {
  const { name, uid, namespace } = metadata;
  const locator = { namespace: namespace ?? null, node: spec.nodeName ?? null };
  return { kind: 'pod', service: 'web', name, uid, locator };
}

/** Whether a pod answers, asked from outside the cluster. */
export async function answers(pod: Pod): Promise<boolean> {
  const { podIP } = pod.status as { podIP?: string };
  const asked = fetch(`http://${podIP}:8080/healthz`, { signal: AbortSignal.timeout(1000) });
  return asked.then(
    (response) => response.ok,
    () => false,
  );
}

export function isReady({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function workload(
  name: string,
  { replicas, kind = 'Deployment', nodeName, graceSeconds = 1, spread = false, scraped = false }: WebServer,
): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      replicas,
      ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, ...(scraped ? { annotations: { 'prometheus.io/scrape': 'true' } } : {}) },
        spec: {
          terminationGracePeriodSeconds: graceSeconds,
          ...(nodeName === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': nodeName } }),
          ...(spread ? { topologySpreadConstraints: [evenly(name)] } : {}),
          containers: [
            {
              name: 'web',
              image: 'firedrill.local/app:dev',
              imagePullPolicy: 'IfNotPresent',
              command: ['sh', '-c', webServer],
              env: [{ name: 'MODE', value: 'good' }],
              readinessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  };
}

function evenly(name: string): JsonObject {
  return {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'DoNotSchedule',
    // A node that takes none now, as a cordoned one, is not waited for.
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: { app: name } },
  };
}

/** A disruption budget, once the cluster has counted the pods that it covers. */
export async function protect({ make, api, namespace }: Sandbox, app: string, minAvailable: number): Promise<void> {
  const budgets = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
  const spec = { minAvailable, selector: { matchLabels: { app } } };
  await make(budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: app }, spec });
  await until('the budget is counted', async () => {
    const found = await api.get<KubeObject & { status?: { expectedPods?: number; currentHealthy?: number } }>(
      { ...budgets, namespace },
      app,
    );
    const { expectedPods = 0, currentHealthy = 0 } = found?.status ?? {};
    return expectedPods > 0 && currentHealthy === expectedPods;
  });
}

export function taken<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.object;
  throw new Error(answer.message);
}

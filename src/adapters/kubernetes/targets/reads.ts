import type { KubeApi, KubeObject, KubeResource } from '../../../ports/kubernetes.ts';
import { metadataOnly } from '../metadata-only.ts';
import type { Budget, EndpointSlice, Node, Pod, Service, Workload } from './objects.ts';

/** What targets are read from. Questions that are asked while the same one is under way share its answer. */
export interface ClusterReads {
  pods(namespace: string): Promise<readonly Pod[]>;
  /** Of all namespaces, without those that are over. */
  podsOnNode(node: string): Promise<readonly Pod[]>;
  nodes(): Promise<readonly Node[]>;
  budgets(namespace: string): Promise<readonly Budget[]>;
  /** Metadata only. */
  replicaSets(namespace: string): Promise<readonly KubeObject[]>;
  endpointSlices(namespace: string): Promise<readonly EndpointSlice[]>;
  workload(resource: WorkloadResource, namespace: string, name: string): Promise<Workload | null>;
  service(namespace: string, name: string): Promise<Service | null>;
  /** Metadata only: no byte of a Secret leaves the server. null: there is none. */
  config(resource: 'configmaps' | 'secrets', namespace: string, name: string): Promise<KubeObject | null>;
}

export type WorkloadResource = 'deployments' | 'statefulsets' | 'daemonsets';

const timeoutMs = 5_000;

const core = (resource: string, namespace?: string): KubeResource => ({
  group: '',
  version: 'v1',
  resource,
  ...(namespace === undefined ? {} : { namespace }),
});
const apps = (resource: string, namespace: string): KubeResource => ({ group: 'apps', version: 'v1', resource, namespace });

export function createReads(api: KubeApi): ClusterReads {
  const underWay = new Map<string, Promise<unknown>>();

  const shared = <T>(question: string, ask: () => Promise<T>): Promise<T> => {
    const found = underWay.get(question);
    if (found !== undefined) return found as Promise<T>;
    const asked = ask();
    underWay.set(question, asked);
    const forget = (): void => void underWay.delete(question);
    asked.then(forget, forget);
    return asked;
  };

  const list = <T extends KubeObject>(
    resource: KubeResource,
    options: { readonly fieldSelector?: string; readonly metadataOnly?: boolean } = {},
  ): Promise<readonly T[]> =>
    shared(JSON.stringify([resource, options]), async () => (await api.list<T>(resource, { ...options, timeoutMs })).items);

  const get = <T extends KubeObject>(resource: KubeResource, name: string): Promise<T | null> =>
    shared(JSON.stringify([resource, name]), () => api.get<T>(resource, name, { timeoutMs }));

  return {
    pods: (namespace) => list(core('pods', namespace)),
    podsOnNode: (node) =>
      list(core('pods'), { fieldSelector: `spec.nodeName=${node},status.phase!=Succeeded,status.phase!=Failed` }),
    nodes: () => list(core('nodes')),
    budgets: (namespace) => list({ group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', namespace }),
    replicaSets: (namespace) => list(apps('replicasets', namespace), { metadataOnly: true }),
    endpointSlices: (namespace) => list({ group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices', namespace }),
    workload: (resource, namespace, name) => get(apps(resource, namespace), name),
    service: (namespace, name) => get(core('services', namespace), name),
    config: (resource, namespace, name) =>
      shared(JSON.stringify([resource, namespace, name]), async () => {
        const path = `/api/v1/namespaces/${namespace}/${resource}/${name}`;
        const answer = await api.request({ method: 'GET', path, accept: metadataOnly.ofObject, timeoutMs });
        return answer.ok ? (answer.object as KubeObject) : null;
      }),
  };
}

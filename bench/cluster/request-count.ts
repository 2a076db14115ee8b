import { AppError } from '../../src/domain/errors.ts';
import { names } from '../../src/install/names.ts';
import { kubectl } from '../../lab/kubernetes/kubectl.ts';
import { counterSum } from '../harness/counter-sum.ts';
import type { BenchCluster } from './bench-cluster.ts';

/** Counts what an installation's cluster agents ask of the API server. */
export interface RequestCount extends AsyncDisposable {
  /** So far. */
  read(): Promise<number>;
}

/**
 * The API server counts by flow, and not by who asks: a flow of their own, of a level that others use too, tells exactly their
 * requests from everybody else's. Each watch counts once, when it begins.
 */
export async function countRequests({ api, agentsNamespace }: BenchCluster): Promise<RequestCount> {
  const flowSchemas = { group: 'flowcontrol.apiserver.k8s.io', version: 'v1', resource: 'flowschemas' };
  const name = agentsNamespace;
  const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true };
  const made = await api.create(flowSchemas, {
    metadata: { name },
    spec: {
      matchingPrecedence: 100,
      priorityLevelConfiguration: { name: 'workload-high' },
      rules: [
        {
          subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: names.clusterAgent, namespace: agentsNamespace } }],
          resourceRules: [all],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        },
      ],
    },
  });
  if (!made.ok) throw new AppError('upstream/refused', `FlowSchema ${name} was not made: ${made.message}`);
  return {
    read: async () =>
      counterSum(await kubectl('get', '--raw', '/metrics'), 'apiserver_flowcontrol_dispatched_requests_total', {
        flow_schema: name,
      }),
    async [Symbol.asyncDispose]() {
      await api.delete(flowSchemas, name);
    },
  };
}

import { keys } from '../../src/adapters/kubernetes/record-names.ts';
import type { KubeObject } from '../../src/ports/kubernetes.ts';
import { until } from '../../lab/kubernetes/step.ts';
import type { BenchCluster } from './bench-cluster.ts';

const goneWithinMs = 60_000;

/** The pods of a run's node agents. */
export async function nodeAgentPods({ api, nodeAgentsNamespace }: BenchCluster, runId: string): Promise<readonly KubeObject[]> {
  const pods = { group: '', version: 'v1', resource: 'pods', namespace: nodeAgentsNamespace };
  return (await api.list(pods, { labelSelector: `${keys.run}=${runId}` })).items;
}

/** Resolves when they are gone, so that their end disturbs nothing that is measured next. */
export async function nodeAgentsGone(cluster: BenchCluster, runId: string): Promise<void> {
  const gone = async (): Promise<true | null> => (await nodeAgentPods(cluster, runId)).length === 0 || null;
  await until(`the end of the node agents of ${runId}`, goneWithinMs, gone);
}

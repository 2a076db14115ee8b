import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { ClusterTools } from '../../../src/faults/cluster-tools.ts';
import type { Node } from '../../../src/faults/shared/nodes.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import { core, isReady, type Sandbox } from './cluster.ts';

const nodes = { ...core, resource: 'nodes' };

/** A worker of the cluster, by its name. */
export async function readNode({ api }: Sandbox, name: string): Promise<Node> {
  const node = await api.get<Node & KubeObject>(nodes, name);
  if (node === null) throw new Error(`the cluster has no node ${name}`);
  return node;
}

/** The name of one that runs a part of the cluster itself: where a pod of the DNS is now. */
export async function nodeOfTheCluster({ api }: Sandbox): Promise<string> {
  const { items } = await api.list<Pod & KubeObject>(
    { ...core, resource: 'pods', namespace: 'kube-system' },
    { labelSelector: 'k8s-app=kube-dns' },
  );
  const name = items.find(isReady)?.spec.nodeName;
  if (name === undefined) throw new Error('no pod of the DNS is ready');
  return name;
}

/** As a plan names it. */
export function nodeTarget({ metadata }: Node): TargetRef {
  const zone = metadata.labels?.['topology.kubernetes.io/zone'] ?? null;
  return {
    kind: 'node',
    service: 'nodes',
    name: metadata.name,
    uid: metadata.uid,
    locator: { node: metadata.name, zone, address: null },
  };
}

/**
 * The real API, but every pod it lists is of the sandbox: on the nodes that the test shares with the cluster's own pods and the
 * demo's, a drain sees and moves only what the test has put there.
 */
export function withoutOthers({ tools, namespace }: Sandbox): ClusterTools {
  return {
    ...tools,
    list: (of, query) => tools.list(of.resource === 'pods' ? { ...of, namespace } : of, query),
  };
}

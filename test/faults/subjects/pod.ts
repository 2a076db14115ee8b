import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { FakeCluster } from '../../fakes/cluster.ts';

const replicaSet = { kind: 'ReplicaSet', name: 'shop-api-1', uid: 'uid-of-shop-api-1' };

/** A pod of Deployment shop-api in namespace shop, ready unless told otherwise. */
export function addPod(
  cluster: FakeCluster,
  name: string,
  pod: { uid?: string; ready?: boolean; owner?: JsonObject | null; node?: string; namespace?: string; emptyDir?: boolean } = {},
): void {
  const { uid = `uid-of-${name}`, ready = true, owner = replicaSet, node = 'w1', namespace = 'shop', emptyDir = false } = pod;
  cluster.put(
    { apiVersion: 'v1', resource: 'pods', namespace, name },
    {
      metadata: {
        uid,
        labels: { app: 'shop-api', 'pod-template-hash': '1' },
        ...(owner === null ? {} : { ownerReferences: [owner] }),
      },
      spec: { nodeName: node, ...(emptyDir ? { volumes: [{ name: 'scratch', emptyDir: {} }] } : {}) },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    },
  );
}

/** As a plan names it. */
export function podTarget(name: string): TargetRef {
  return { kind: 'pod', service: 'shop-api', name, uid: `uid-of-${name}`, locator: { namespace: 'shop', node: 'w1' } };
}

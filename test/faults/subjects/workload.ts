import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { FakeCluster } from '../../fakes/cluster.ts';

const ref = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'web' };

/** Deployment shop/web with three replicas, all of them new and available, unless told otherwise. */
export function addDeployment(
  cluster: FakeCluster,
  { spec = {}, metadata = {} }: { spec?: JsonObject; metadata?: JsonObject } = {},
): void {
  cluster.put(ref, {
    metadata: { uid: 'uid-of-web', generation: 1, ...metadata },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: { spec: { containers: [{ name: 'web', image: 'web:1', readinessProbe: { httpGet: { path: '/healthz' } } }] } },
      ...spec,
    },
    status: { observedGeneration: 1, replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 },
  });
}

/** As a plan names it. */
export const deploymentTarget: TargetRef = {
  kind: 'workload',
  service: 'web',
  name: 'web',
  uid: 'uid-of-web',
  locator: { ...ref, kind: 'Deployment', replicas: 3 },
};

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

const setRef = { ...ref, resource: 'statefulsets' };

/** StatefulSet shop/web, rolled out, in revision web-1. */
export function addStatefulSet(
  cluster: FakeCluster,
  { spec = {}, status = {} }: { spec?: JsonObject; status?: JsonObject } = {},
): void {
  cluster.put(setRef, {
    metadata: { uid: 'uid-of-web', generation: 1 },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } },
      ...spec,
    },
    status: {
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
      readyReplicas: 3,
      currentRevision: 'web-1',
      updateRevision: 'web-1',
      ...status,
    },
  });
}

/** As a plan names it. */
export const statefulSetTarget: TargetRef = { ...deploymentTarget, locator: { ...setRef, kind: 'StatefulSet', replicas: 3 } };

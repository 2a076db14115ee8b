import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { Workload } from '../../../src/faults/shared/workloads.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { apps, type Sandbox } from './cluster.ts';

export async function readDeployment({ api, namespace }: Sandbox, name: string): Promise<Workload> {
  const found = await api.get<Workload & KubeObject>({ ...apps, resource: 'deployments', namespace }, name);
  if (found === null) throw new Error(`there is no deployment ${name}`);
  return found;
}

/** As a plan names it. */
export async function deploymentTarget(sandbox: Sandbox, name: string): Promise<TargetRef> {
  const { metadata, spec } = await readDeployment(sandbox, name);
  const locator = {
    namespace: sandbox.namespace,
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    resource: 'deployments',
    name,
    replicas: spec.replicas ?? 1,
  };
  return { kind: 'workload', service: name, name, uid: metadata.uid, locator };
}

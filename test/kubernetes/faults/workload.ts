import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { Workload } from '../../../src/faults/shared/workloads.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { apps, type Sandbox } from './cluster.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet';

export async function readWorkload({ api, namespace }: Sandbox, kind: WorkloadKind, name: string): Promise<Workload> {
  const found = await api.get<Workload & KubeObject>({ ...apps, resource: pluralOf(kind), namespace }, name);
  if (found === null) throw new Error(`there is no ${kind} ${name}`);
  return found;
}

/** As a plan names it. */
export async function workloadTarget(sandbox: Sandbox, kind: WorkloadKind, name: string): Promise<TargetRef> {
  const { metadata, spec } = await readWorkload(sandbox, kind, name);
  const locator = {
    namespace: sandbox.namespace,
    apiVersion: 'apps/v1',
    kind,
    resource: pluralOf(kind),
    name,
    replicas: spec.replicas ?? 1,
  };
  return { kind: 'workload', service: name, name, uid: metadata.uid, locator };
}

export const readDeployment = (sandbox: Sandbox, name: string): Promise<Workload> => readWorkload(sandbox, 'Deployment', name);
export const deploymentTarget = (sandbox: Sandbox, name: string): Promise<TargetRef> =>
  workloadTarget(sandbox, 'Deployment', name);

const pluralOf = (kind: WorkloadKind): string => `${kind.toLowerCase()}s`;

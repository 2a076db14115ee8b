import { AppError } from '../../../domain/errors.ts';
import type { KubeObject } from '../../../ports/kubernetes.ts';
import type { KubernetesService } from '../services.ts';
import { matches, isOver } from './objects.ts';
import type { Pod, Workload } from './objects.ts';
import { ownerOf } from './pods.ts';
import type { ClusterReads, WorkloadResource } from './reads.ts';

const resources: Readonly<Record<string, { readonly kind: string; readonly resource: WorkloadResource }>> = {
  deployment: { kind: 'Deployment', resource: 'deployments' },
  statefulset: { kind: 'StatefulSet', resource: 'statefulsets' },
  daemonset: { kind: 'DaemonSet', resource: 'daemonsets' },
};

export interface WorkloadRef {
  readonly kind: string;
  readonly resource: WorkloadResource;
  readonly name: string;
}

/** `deployment/payments-api` as the API names it. */
export function workloadRef(workload: string): WorkloadRef {
  const [kind = '', name = ''] = workload.split('/');
  const known = resources[kind];
  if (known !== undefined) return { ...known, name };
  throw new AppError(
    'spec/invalid',
    `workload ${workload} is of no kind that makes pods. Write deployment/, statefulset/ or daemonset/`,
  );
}

/** Errors: `target/none` when the environment file names one that is not there. */
export async function workloadOf(name: string, service: KubernetesService, reads: ClusterReads): Promise<Workload | null> {
  if (service.workload === undefined) return null;
  const ref = workloadRef(service.workload);
  const found = await reads.workload(ref.resource, service.namespace, ref.name);
  if (found !== null) return found;
  throw new AppError(
    'target/none',
    `service ${name}: ${service.workload} is not there in namespace ${service.namespace}. Correct workload in the environment file, or deploy it`,
  );
}

/** How many pods it wants now. */
export function wantedPods({ spec, status }: Workload): number {
  return status.desiredNumberScheduled ?? spec.replicas ?? 1;
}

/**
 * The pods of a service among those of its namespace. By owner where a workload makes them: labels may be shared.
 * Errors: `plan/blast-radius` for labels that fit the whole namespace.
 */
export function podsOfService(
  name: string,
  service: KubernetesService,
  there: { readonly pods: readonly Pod[]; readonly replicaSets: readonly KubeObject[]; readonly workload: Workload | null },
): readonly Pod[] {
  const running = there.pods.filter((pod) => !isOver(pod));
  const { workload } = there;
  if (workload !== null) return running.filter((pod) => ownerOf(pod, there.replicaSets)?.uid === workload.metadata.uid);
  const matchLabels = service.selector ?? {};
  const found = running.filter(({ metadata }) => matches({ matchLabels }, metadata.labels));
  if (found.length > 0 && found.length === running.length) {
    const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
    throw new AppError(
      'plan/blast-radius',
      `service ${name}: the selector ${labels.join(',')} fits every pod of namespace ${service.namespace}, which is no selection. Name its workload, or labels that others do not have`,
    );
  }
  return found;
}

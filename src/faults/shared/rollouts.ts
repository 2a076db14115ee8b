import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { KubeObject } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import { hasFields } from './held-object.ts';
import type { HeldObject } from './held-object.ts';
import { isReady } from './pods.ts';
import type { Pod } from './pods.ts';
import { isObserved, podsOfWorkload } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** What the faults read of a Deployment besides. */
export interface Deployment extends Workload {
  readonly spec: Workload['spec'] & {
    readonly paused?: boolean;
    readonly strategy?: { readonly type?: string; readonly rollingUpdate?: { readonly maxUnavailable?: number | string } };
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly name: string; readonly readinessProbe?: { readonly httpGet?: object } }[];
      };
    };
  };
}

const replicaSets = { apiVersion: 'apps/v1', resource: 'replicasets' };

/** Every pod is of the template as it is now, and available. */
export function isRolledOut(deployment: Deployment): boolean {
  const { replicas: wanted = 1 } = deployment.spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = deployment.status;
  return isObserved(deployment) && [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted);
}

/** Errors: `guard/blocked` while something is going on there already; `plan/blast-radius` where all pods would end at once. */
export function refuseUnsafeRollout(deployment: Deployment, { service, name }: TargetRef): void {
  const what = `${service}/${name}`;
  const { paused, strategy, replicas = 1 } = deployment.spec;
  if (paused === true) throw new AppError('guard/blocked', `${what} is paused: nothing would be rolled out. Resume it first`);
  if (!isRolledOut(deployment)) {
    throw new AppError(
      'guard/blocked',
      `${what} is not rolled out: not all of its ${replicas} pods are new and available. Wait for that`,
    );
  }
  const { maxUnavailable = 0 } = strategy?.rollingUpdate ?? {};
  const gone =
    typeof maxUnavailable === 'number' ? maxUnavailable : Math.floor((Number.parseFloat(maxUnavailable) / 100) * replicas);
  if (strategy?.type === 'Recreate' || gone >= replicas) {
    throw new AppError(
      'plan/blast-radius',
      `${what} ends all of its ${replicas} pods at once when it is rolled out (strategy ${strategy?.type ?? 'RollingUpdate'}). Choose one that keeps some`,
    );
  }
}

/** Hashes of the templates that its pods are of. */
export async function templatesOf(context: FaultContext, deployment: Deployment): Promise<string[]> {
  return [...new Set((await podsOfWorkload(clusterOf(context), deployment)).map(templateOf))];
}

/** UIDs of its ReplicaSets: what a `kubectl rollout undo` can go back to. */
export async function historyOf(context: FaultContext, deployment: Deployment): Promise<string[]> {
  return (await replicaSetsOf(context, deployment)).map(({ metadata }) => metadata.uid);
}

/** ReplicaSets that came since and have our change in them: with them `kubectl rollout undo` would bring it back. */
export async function badHistory(
  context: FaultContext,
  deployment: Deployment,
  { held, history }: { readonly held: HeldObject; readonly history: readonly string[] },
): Promise<readonly KubeObject[]> {
  const since = (await replicaSetsOf(context, deployment)).filter(({ metadata }) => !history.includes(metadata.uid));
  return since.filter((set) => hasFields(set, held));
}

async function replicaSetsOf(context: FaultContext, { metadata }: Deployment): Promise<readonly KubeObject[]> {
  const of = { ...replicaSets, namespace: metadata.namespace ?? null };
  const sets = await clusterOf(context).list(of);
  return sets.filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false);
}

/**
 * Once the controller has the good template: before, it would make the bad one again. Called again, it goes on where it was.
 */
export async function forgetBadHistory(
  context: FaultContext,
  deployment: Deployment,
  undo: { readonly held: HeldObject; readonly history: readonly string[] },
): Promise<void> {
  if (hasFields(deployment, undo.held) || !isObserved(deployment)) return;
  for (const { metadata } of await badHistory(context, deployment, undo)) {
    const ref = { ...replicaSets, namespace: metadata.namespace ?? null, name: metadata.name };
    await clusterOf(context).delete(ref, { uid: metadata.uid });
  }
}

export interface NewPods {
  readonly made: number;
  readonly ready: number;
  /** Why containers of those that are not ready do not run, in the kubelet's words: `ErrImagePull`. */
  readonly reasons: readonly string[];
}

/** The pods of a template that was not there before. */
export async function newPodsOf(context: FaultContext, deployment: Deployment, before: readonly string[]): Promise<NewPods> {
  const pods = (await podsOfWorkload(clusterOf(context), deployment)).filter((pod) => !before.includes(templateOf(pod)));
  const waiting = pods.flatMap(({ status }) => status.containerStatuses ?? []).map(({ state }) => state);
  const reasons = waiting.flatMap((state) => state?.waiting?.reason ?? state?.terminated?.reason ?? []);
  return { made: pods.length, ready: pods.filter(isReady).length, reasons: [...new Set(reasons)] };
}

function templateOf({ metadata }: Pod): string {
  return metadata.labels?.['pod-template-hash'] ?? '';
}

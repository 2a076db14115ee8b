import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { ApiNeed } from '../cluster-tools.ts';
import type { Evidence, FaultContext } from '../fault.ts';
import { autoscalerOf } from './autoscalers.ts';
import { holdObject, lookAt, lookForEffect, restoredData, sayRestored } from './held-object.ts';
import type { HeldObject } from './held-object.ts';
import { refuseOwned } from './ownership.ts';
import { isReady } from './pods.ts';
import { isObserved, objectOf, plannedObject, podsOfWorkload, refuseOtherThan } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** Stored as undo: the field, and how many replicas there were. */
export type HeldReplicas = { readonly held: HeldObject; readonly before: number };

export const needsOfReplicas: readonly ApiNeed[] = [
  { group: 'apps', resource: 'deployments', verbs: ['get', 'patch'], scope: 'namespace' },
  { group: 'apps', resource: 'statefulsets', verbs: ['get', 'patch'], scope: 'namespace' },
  { group: '', resource: 'pods', verbs: ['list'], scope: 'namespace' },
  { group: 'autoscaling', resource: 'horizontalpodautoscalers', verbs: ['list'], scope: 'namespace' },
];

/** Errors: `policy/denied` where an autoscaler or an owner would set the number back. */
export async function holdReplicas(
  context: FaultContext,
  target: TargetRef,
  { replicas, ownedBy }: { readonly replicas: number; readonly ownedBy: 'acknowledged' | null },
): Promise<HeldReplicas> {
  refuseOtherThan(['deployments', 'statefulsets'], target, 'it has no number of replicas. Choose a Deployment or a StatefulSet');
  const ref = objectOf(target);
  const workload = await plannedObject<Workload>(context, target);
  const autoscaler = await autoscalerOf(clusterOf(context), ref);
  if (autoscaler !== null) {
    throw new AppError(
      'policy/denied',
      `${target.service}/${target.name} is scaled by HorizontalPodAutoscaler ${autoscaler.ref.name}, which would set it back. Use hpa-pin`,
    );
  }
  refuseOwned(workload, ref, ownedBy);
  return {
    held: holdObject(workload, ref, [{ path: ['spec', 'replicas'], after: replicas }]),
    before: workload.spec.replicas ?? 1,
  };
}

/** Present: the number is ours, and pods have come or are on their way out because of it. */
export async function readReplicas(
  context: FaultContext,
  target: TargetRef,
  { held, before }: HeldReplicas,
  wanted: number,
): Promise<Evidence> {
  const { object, inEffect } = await lookForEffect(context, held);
  const workload = object as Workload;
  const { staying, ready } = await countPods(context, workload);
  const moved = wanted < before ? staying < before : staying > before;
  return {
    present: inEffect && isObserved(workload) && moved,
    summary: `${target.name} has ${staying} pods that stay (${ready} ready), ${wanted} wanted, was ${before}`,
    data: { pods: staying, readyPods: ready, wantedReplicas: wanted, replicasBefore: before },
  };
}

/**
 * Present until our mark is gone and the workload's controller has seen it. Pods that are not back by then are waited for as
 * replacements are: a slow start is a finding, and no fault that is left.
 */
export async function readReplicasBack(
  context: FaultContext,
  target: TargetRef,
  { held, before }: HeldReplicas,
): Promise<Evidence> {
  const state = await lookAt(context, held);
  const workload = state.object as Workload | null;
  if (workload === null) return { present: false, summary: `${target.name} ${sayRestored(state)}`, data: {} };
  const { staying, ready } = await countPods(context, workload);
  return {
    present: state.marked || !isObserved(workload),
    summary: `${target.name} ${sayRestored(state)}: ${staying} pods now (${ready} ready), was ${before}`,
    data: { pods: staying, readyPods: ready, replicasBefore: before, ...restoredData(state) },
  };
}

/** `staying`: not on their way out. */
async function countPods(context: FaultContext, workload: Workload): Promise<{ staying: number; ready: number }> {
  const pods = await podsOfWorkload(clusterOf(context), workload);
  const staying = pods.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && !isOver(status.phase));
  return { staying: staying.length, ready: staying.filter(isReady).length };
}

const isOver = (phase: string | undefined): boolean => phase === 'Succeeded' || phase === 'Failed';

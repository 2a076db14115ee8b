import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { ClusterTools, KubeObject, ObjectRef } from '../cluster-tools.ts';
import type { Evidence, FaultContext } from '../fault.ts';
import { locate } from './locator.ts';

/** What the faults read of a pod. */
export interface Pod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly volumes?: readonly { readonly emptyDir?: object }[];
  };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly restartCount?: number;
      readonly state?: { readonly waiting?: { readonly reason?: string }; readonly terminated?: { readonly reason?: string } };
    }[];
  };
}

/** Pods of one owner. */
export type PodGroup = { readonly namespace: string; readonly ownerUid: string; readonly labelSelector: string };

const locator = z.object({ namespace: z.string().min(1) });

export function podOf(target: TargetRef): ObjectRef & { readonly namespace: string } {
  const { namespace } = locate(locator, target);
  return { apiVersion: 'v1', resource: 'pods', namespace, name: target.name };
}

/** The pod of the plan, by name and UID, ready and not ending. Errors: `target/none`. */
export async function plannedPod(cluster: ClusterTools, target: TargetRef): Promise<Pod> {
  const pod = await cluster.get<Pod>(podOf(target));
  if (pod !== null && pod.metadata.uid === target.uid && isReady(pod)) return pod;
  const state = pod === null ? 'is gone' : pod.metadata.uid === target.uid ? 'is not ready' : 'is another one by now';
  throw new AppError('target/none', `pod ${target.service}/${target.name} ${state}. Plan again to find what runs now`);
}

/** As the API says it: a record's own word could send a password anywhere. Errors: `target/none`. */
export function addressOf({ metadata, status }: Pod): string {
  if (status.podIP !== undefined) return status.podIP;
  throw new AppError('target/none', `pod ${metadata.name} has no address. Wait until it runs`);
}

/** What tells a pod's replacements from its old siblings. */
export type PodAmongSiblings = { readonly uid: string; readonly group: PodGroup; readonly siblings: string[] };

/** The pod of the plan, with those of its owner that are there now. Errors: `target/none`, `policy/denied`. */
export async function amongSiblings(cluster: ClusterTools, target: TargetRef): Promise<PodAmongSiblings> {
  const pod = await plannedPod(cluster, target);
  const group = groupOf(pod, target);
  const siblings = await podsOf(cluster, group);
  return { uid: pod.metadata.uid, group, siblings: siblings.map(({ metadata }) => metadata.uid) };
}

/** Takes requests, and is not on its way out. */
export function isReady({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return metadata.deletionTimestamp === undefined && ready;
}

/** Labels that a workload's pods share, so that not the whole namespace is listed. */
const groupLabels = ['pod-template-hash', 'controller-revision-hash', 'batch.kubernetes.io/controller-uid'];

/** What makes another pod when this one ends, and how its pods are found. Errors: `policy/denied` where nothing does. */
export function groupOf({ metadata }: Pod, target: TargetRef): PodGroup {
  const owner = metadata.ownerReferences?.[0];
  if (owner === undefined || owner.kind === 'Node') {
    throw new AppError(
      'policy/denied',
      owner === undefined
        ? `pod ${target.service}/${target.name} has no owner, so nothing would replace it: it would be lost for good. Choose a pod of a Deployment, StatefulSet or DaemonSet`
        : `pod ${target.service}/${target.name} is a static pod of node ${owner.name}: the API cannot end it. Choose another`,
    );
  }
  const label = groupLabels.find((name) => metadata.labels?.[name] !== undefined);
  return {
    namespace: podOf(target).namespace,
    ownerUid: owner.uid,
    labelSelector: label === undefined ? '' : `${label}=${metadata.labels?.[label]}`,
  };
}

/** Every pod of one owner, as it is now. */
export async function podsOf(cluster: ClusterTools, { namespace, ownerUid, labelSelector }: PodGroup): Promise<readonly Pod[]> {
  const pods = await cluster.list<Pod>({ apiVersion: 'v1', resource: 'pods', namespace }, { labelSelector });
  return pods.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === ownerUid) ?? false);
}

/** Pods of the same owner that were not there before. */
export async function replacementsOf(cluster: ClusterTools, { group, siblings }: PodAmongSiblings): Promise<readonly Pod[]> {
  const known = new Set(siblings);
  return (await podsOf(cluster, group)).filter(({ metadata }) => !known.has(metadata.uid));
}

/** Present: the pod is gone or on its way out. What came since is in the evidence. */
export async function seeEnd(context: FaultContext, target: TargetRef, undo: PodAmongSiblings): Promise<Evidence> {
  const cluster = clusterOf(context);
  const { uid } = undo;
  const pod = await cluster.get<Pod>(podOf(target));
  const gone = pod === null || pod.metadata.uid !== uid;
  if (!gone && pod.metadata.deletionTimestamp === undefined) {
    return { present: false, summary: `pod ${target.name} still runs`, data: { uid } };
  }
  const replacements = await replacementsOf(cluster, undo);
  const names = replacements.map(({ metadata }) => metadata.name);
  const ready = replacements.filter(isReady).length;
  const since =
    names.length === 0 ? 'nothing has replaced it yet' : `${names.join(', ')} came since (${ready} of ${names.length} ready)`;
  return {
    present: true,
    summary: `pod ${target.name} ${gone ? 'is gone' : 'is terminating'}; ${since}`,
    data: { uid, state: gone ? 'gone' : 'terminating', replacements: names, readyReplacements: ready },
  };
}

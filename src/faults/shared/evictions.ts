import { AppError } from '../../domain/errors.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isExcluded } from '../../domain/plan/exclusion.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { protectedNamespaces } from '../../domain/plan/protected-namespaces.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { ClusterTools } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import { excluded } from './exclusion.ts';
import type { Pod } from './pods.ts';

/** Stored as undo: one pod that is to go. */
export type PodToEvict = { readonly namespace: string; readonly name: string; readonly uid: string };

/** What a budget said of each pod that it holds, by injection and UID. Lost with the agent: another one asks anew. */
const held = new Map<string, Map<string, string>>();

export async function podsOnNode(cluster: ClusterTools, node: string): Promise<readonly Pod[]> {
  const of = { apiVersion: 'v1', resource: 'pods', namespace: null };
  return cluster.list<Pod>(of, { fieldSelector: `spec.nodeName=${node}` });
}

/**
 * The pods of a node that a drain would move. Its DaemonSets' pods and static pods stay; finished and terminating ones are gone
 * already. Errors: `policy/denied` when one of the others must not be touched.
 */
export function refuseUntouchable({ policy }: FaultContext, target: TargetRef, pods: readonly Pod[]): readonly Pod[] {
  const movable = pods.filter(isMovable);
  const allowed = (policy.allowNamespaces ?? []).filter((name) => !protectedNamespaces.some((each) => each === name));
  const foreign = movable.filter(({ metadata }) => !allowed.includes(metadata.namespace ?? ''));
  if (foreign.length > 0) {
    throw new AppError(
      'policy/denied',
      `node ${target.name} also runs ${sayPods(foreign)}, in namespaces that this agent's policy does not allow. Choose another node, or allow them`,
    );
  }
  const lost = movable.filter(({ metadata }) => (metadata.ownerReferences ?? []).length === 0);
  if (lost.length > 0) {
    throw new AppError(
      'policy/denied',
      `node ${target.name} runs ${sayPods(lost)}, which nothing would replace: lost for good. Choose another node`,
    );
  }
  refuseExcluded(movable);
  return movable;
}

/** Errors: `policy/denied`: an eviction asks no owner. */
export function refuseExcluded(pods: readonly Pod[]): void {
  const kept = pods.filter(isExcluded);
  if (kept.length > 0) throw excluded(sayPods(kept));
}

/** Errors: `policy/denied` when their data would go with them. */
export function refuseEmptyDirs(target: TargetRef, pods: readonly Pod[]): void {
  const losing = pods.filter(({ spec }) => spec.volumes?.some((volume) => volume.emptyDir !== undefined));
  if (losing.length === 0) return;
  throw new AppError(
    'policy/denied',
    `${target.kind} ${target.name}: ${sayPods(losing)} would lose what is in their emptyDir volumes. Write deleteEmptyDirData: true if nobody needs it`,
  );
}

export function toEvict(pods: readonly Pod[]): PodToEvict[] {
  return pods.map(({ metadata: { namespace = '', name, uid } }) => ({ namespace, name, uid }));
}

/**
 * Asks once for each pod that still runs, and goes on where a budget forbids it. Each is journaled before it is asked for.
 * Stops where it is when the signal is aborted.
 */
export async function evictOnce(context: FaultContext, pods: readonly PodToEvict[]): Promise<void> {
  const cluster = clusterOf(context);
  const words = held.get(context.injectionId) ?? new Map<string, string>();
  held.set(context.injectionId, words);
  for (const { pod, state } of await statesOf(context, pods)) {
    if (state !== 'runs' && state !== 'held') continue;
    context.signal.throwIfAborted();
    if (!words.has(pod.uid)) await context.journal({ [`evicted/${pod.uid}`]: `${pod.namespace}/${pod.name}` });
    context.signal.throwIfAborted();
    const done = await cluster.evict(
      { apiVersion: 'v1', resource: 'pods', namespace: pod.namespace, name: pod.name },
      { uid: pod.uid },
    );
    if (typeof done === 'object') words.set(pod.uid, done.blocked);
    else words.delete(pod.uid);
  }
}

export function forgetEvictions({ injectionId }: FaultContext): void {
  held.delete(injectionId);
}

export interface EvictionState {
  readonly pod: PodToEvict;
  readonly state: 'runs' | 'held' | 'terminating' | 'gone';
  /** What the budget says of it. */
  readonly words: string | null;
}

export async function statesOf(context: FaultContext, pods: readonly PodToEvict[]): Promise<readonly EvictionState[]> {
  const cluster = clusterOf(context);
  const words = held.get(context.injectionId);
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))];
  const lists = await Promise.all(
    namespaces.map((namespace) => cluster.list<Pod>({ apiVersion: 'v1', resource: 'pods', namespace })),
  );
  const now = new Map(lists.flat().map((pod) => [pod.metadata.uid, pod]));
  return pods.map((pod) => {
    const found = now.get(pod.uid);
    const said = words?.get(pod.uid) ?? null;
    if (found === undefined) return { pod, state: 'gone', words: null };
    if (found.metadata.deletionTimestamp !== undefined) return { pod, state: 'terminating', words: null };
    return { pod, state: said === null ? 'runs' : 'held', words: said };
  });
}

/** `3 of 4 pods evicted, 1 held by a budget`, and the list of them. */
export function sayEvictions(states: readonly EvictionState[]): { summary: string; data: JsonObject; evicted: number } {
  const evicted = states.filter(({ state }) => state === 'terminating' || state === 'gone').length;
  const blocked = states.filter(({ state }) => state === 'held');
  const first = blocked[0]?.words ?? null;
  return {
    evicted,
    summary: `${evicted} of ${states.length} pods evicted${first === null ? '' : `, ${blocked.length} held by a disruption budget (${first})`}`,
    data: {
      evicted,
      pods: states.map(({ pod, state, words }): Json => ({ pod: `${pod.namespace}/${pod.name}`, state, words })),
    },
  };
}

function isMovable({ metadata, status }: Pod): boolean {
  const owners = metadata.ownerReferences ?? [];
  const stays = owners.some(({ kind }) => kind === 'DaemonSet' || kind === 'Node');
  const over = status.phase === 'Succeeded' || status.phase === 'Failed' || metadata.deletionTimestamp !== undefined;
  return !stays && !over && metadata.annotations?.['kubernetes.io/config.mirror'] === undefined;
}

function sayPods(pods: readonly Pod[]): string {
  const names = pods.slice(0, 3).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return names.join(', ') + (pods.length > 3 ? ` and ${pods.length - 3} more` : '');
}

import { AppError } from '../../domain/errors.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { KubeObject, ObjectRef } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import { hasFields } from './held-object.ts';
import type { HeldObject } from './held-object.ts';
import { isReady } from './pods.ts';
import type { Pod } from './pods.ts';
import { isObserved, podsOfWorkload } from './workloads.ts';
import type { Workload } from './workloads.ts';

/** What the faults read besides of a Deployment or a StatefulSet, which replace their pods when their template changes. */
export interface RollingWorkload extends Workload {
  readonly spec: Workload['spec'] & {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly name: string; readonly readinessProbe?: { readonly httpGet?: object } }[];
      };
    };
  };
  /** The revisions are a StatefulSet's. */
  readonly status: Workload['status'] & { readonly currentRevision?: string; readonly updateRevision?: string };
}

/** Every pod is of the template as it is now, and available. */
export function isRolledOut(workload: RollingWorkload): boolean {
  const { replicas: wanted = 1 } = workload.spec;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, currentRevision, updateRevision } = workload.status;
  const counts = [replicas, updatedReplicas, availableReplicas];
  return isObserved(workload) && currentRevision === updateRevision && counts.every((count) => count === wanted);
}

/** Hashes of the templates that its pods are of. */
export async function templatesOf(context: FaultContext, workload: RollingWorkload): Promise<string[]> {
  return [...new Set((await podsOfWorkload(clusterOf(context), workload)).map(templateOf))];
}

/** What a rollout will have to leave behind it as it was. */
export type RolloutBefore = {
  readonly held: HeldObject;
  /** Of the pods that were there. */
  readonly templates: string[];
  /** UIDs of the former templates that were kept. */
  readonly history: string[];
};

/** Where former templates are kept, for `kubectl rollout undo` to go back to. */
const histories: Readonly<Record<string, { readonly resource: string; templateIn(kept: KubeObject): KubeObject }>> = {
  deployments: { resource: 'replicasets', templateIn: (kept) => kept },
  statefulsets: { resource: 'controllerrevisions', templateIn: (kept) => ({ ...kept, ...(kept['data'] as object) }) },
};

/** UIDs of its former templates, and of the one that it has now. */
export async function historyOf(context: FaultContext, workload: RollingWorkload, of: ObjectRef): Promise<string[]> {
  return (await keptOf(context, workload, of)).map(({ metadata }) => metadata.uid);
}

/** Templates kept since that have our change in them: with them `kubectl rollout undo` would bring it back. */
export async function badHistory(
  context: FaultContext,
  workload: RollingWorkload,
  { held, history }: RolloutBefore,
): Promise<readonly KubeObject[]> {
  const { templateIn } = historyKind(held.ref);
  const since = (await keptOf(context, workload, held.ref)).filter(({ metadata }) => !history.includes(metadata.uid));
  return since.filter((kept) => hasFields(templateIn(kept), held));
}

async function keptOf(context: FaultContext, { metadata }: RollingWorkload, of: ObjectRef): Promise<readonly KubeObject[]> {
  const { resource } = historyKind(of);
  const kept = await clusterOf(context).list({ apiVersion: 'apps/v1', resource, namespace: metadata.namespace ?? null });
  return kept.filter((each) => each.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) ?? false);
}

function historyKind({ resource }: Pick<ObjectRef, 'resource'>): (typeof histories)[string] {
  const kind = histories[resource];
  if (kind !== undefined) return kind;
  throw new AppError('internal/bug', `no rollout of ${resource} is known. This is a bug`);
}

/**
 * Takes away what its controller would keep of our template, or wait for. Once the controller has the good one: before, it would
 * make it again. Called again, it goes on where it was.
 */
export async function forgetBadTemplate(context: FaultContext, workload: RollingWorkload, undo: RolloutBefore): Promise<void> {
  if (hasFields(workload, undo.held) || !isObserved(workload)) return;
  const { namespace = null } = workload.metadata;
  const cluster = clusterOf(context);
  for (const { metadata } of await stuckPodsOf(context, workload, undo)) {
    await cluster.delete({ apiVersion: 'v1', resource: 'pods', namespace, name: metadata.name }, { uid: metadata.uid });
  }
  const { resource } = historyKind(undo.held.ref);
  for (const { metadata } of await badHistory(context, workload, undo)) {
    await cluster.delete({ apiVersion: 'apps/v1', resource, namespace, name: metadata.name }, { uid: metadata.uid });
  }
}

/**
 * A StatefulSet that makes its pods in their order waits for one that is not ready, also where that can never be: it goes back to
 * no good template before somebody has ended it. One that has restarted was ready for a moment, and will not be again.
 */
export async function stuckPodsOf(
  context: FaultContext,
  workload: RollingWorkload,
  { held, templates }: RolloutBefore,
): Promise<readonly Pod[]> {
  if (held.ref.resource !== 'statefulsets') return [];
  const pods = await podsOfWorkload(clusterOf(context), workload);
  return pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      !templates.includes(templateOf(pod)) &&
      hasFields({ ...pod, spec: { template: pod } }, held) &&
      (!isReady(pod) || hasRestarted(pod)),
  );
}

const hasRestarted = ({ status }: Pod): boolean =>
  status.containerStatuses?.some(({ restartCount = 0 }) => restartCount > 0) ?? false;

export interface NewPods {
  readonly made: number;
  readonly ready: number;
  /** Pods of a template from before that are on their way out. */
  readonly ending: number;
  /** Why containers of those that are not ready do not run, in the kubelet's words: `ErrImagePull`. */
  readonly reasons: readonly string[];
}

/** The pods of a template that was not there before, and what goes for them. */
export async function newPodsOf(
  context: FaultContext,
  workload: RollingWorkload,
  { templates }: Pick<RolloutBefore, 'templates'>,
): Promise<NewPods> {
  const all = await podsOfWorkload(clusterOf(context), workload);
  const [old, pods] = [
    all.filter((pod) => templates.includes(templateOf(pod))),
    all.filter((pod) => !templates.includes(templateOf(pod))),
  ];
  const waiting = pods.flatMap(({ status }) => status.containerStatuses ?? []).map(({ state }) => state);
  const reasons = waiting.flatMap((state) => state?.waiting?.reason ?? state?.terminated?.reason ?? []);
  return {
    made: pods.length,
    ready: pods.filter(isReady).length,
    ending: old.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length,
    reasons: [...new Set(reasons)],
  };
}

function templateOf({ metadata }: Pod): string {
  return metadata.labels?.['pod-template-hash'] ?? metadata.labels?.['controller-revision-hash'] ?? '';
}

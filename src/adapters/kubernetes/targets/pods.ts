import type { JsonObject } from '../../../domain/json.ts';
import type { KubeObject } from '../../../ports/kubernetes.ts';
import { conditionOf, controllerOf, zoneLabel } from './objects.ts';
import type { Node, Pod } from './objects.ts';

/** Why a pod is no target now, in words that go on after its name; null when it is one. */
export function unfitness(pod: Pod): string | null {
  if (pod.metadata.deletionTimestamp !== undefined) return 'is being deleted';
  if (pod.status.phase !== 'Running') return `is ${pod.status.phase ?? 'in no phase'}`;
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status === 'True') return null;
  const why = ready?.message ?? ready?.reason;
  return `is not ready${why === undefined ? '' : ` (${why})`}`;
}

/** Who stands at the top: the Deployment of a ReplicaSet, else the controller itself. */
export function ownerOf(
  pod: Pod,
  replicaSets: readonly KubeObject[],
): { readonly kind: string; readonly name: string; readonly uid: string } | null {
  const owner = controllerOf(pod);
  if (owner?.kind !== 'ReplicaSet') return owner;
  const set = replicaSets.find(({ metadata }) => metadata.uid === owner.uid);
  return (set === undefined ? null : controllerOf(set)) ?? owner;
}

/** What agents need to reach a pod. `container`: the one that is meant; null where nobody says which of several. */
export function podLocator(
  pod: Pod,
  around: { readonly nodes: readonly Node[]; readonly replicaSets: readonly KubeObject[] },
  wanted: { readonly container?: string | undefined; readonly port?: number | undefined },
): JsonObject {
  const node = pod.spec.nodeName ?? null;
  const owner = ownerOf(pod, around.replicaSets);
  return {
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    podUid: pod.metadata.uid ?? '',
    node,
    zone: around.nodes.find(({ metadata }) => metadata.name === node)?.metadata.labels?.[zoneLabel] ?? null,
    podIP: pod.status.podIP ?? null,
    hostNetwork: pod.spec.hostNetwork ?? false,
    ownerKind: owner?.kind ?? null,
    ownerName: owner?.name ?? null,
    container: wanted.container ?? meantContainer(pod),
    containers: containersOf(pod),
    ...(wanted.port === undefined ? {} : { port: wanted.port }),
  };
}

/** As kubectl chooses one. */
function meantContainer({ metadata, spec }: Pod): string | null {
  const annotated = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  return annotated ?? (spec.containers.length === 1 ? spec.containers[0]!.name : null);
}

/** Ids without their runtime's prefix (`containerd://`); those that never ran have none. */
function containersOf({ status }: Pod): { readonly name: string; readonly id: string }[] {
  return (status.containerStatuses ?? []).flatMap(({ name, containerID }) =>
    containerID === undefined ? [] : [{ name, id: containerID.replace(/^.*:\/\//, '') }],
  );
}

import { excludeAnnotation, isExcluded } from '../../../domain/plan/exclusion.ts';
import type { Candidate, Neighbour } from '../../../domain/plan/survey.ts';
import { conditionOf, controllerOf, isCritical, zoneLabel } from './objects.ts';
import type { Node, Pod } from './objects.ts';

export function nodeCandidate({ metadata, status }: Node): Candidate {
  const zone = metadata.labels?.[zoneLabel] ?? null;
  const address = status.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? null;
  return {
    target: {
      kind: 'node',
      service: 'nodes',
      name: metadata.name,
      uid: metadata.uid ?? '',
      locator: { node: metadata.name, zone, address },
    },
    createdAt: metadata.creationTimestamp ?? null,
    critical: false,
  };
}

/** Why a node is no target now; null when it is one. */
export function nodeUnfitness(node: Node): string | null {
  if (conditionOf(node, 'Ready')?.status !== 'True') return 'is not ready';
  if (node.spec.unschedulable === true) return 'is cordoned';
  return isExcluded(node) ? `is excluded by its annotation ${excludeAnnotation}` : null;
}

export function neighbourOf(node: string, pod: Pod): Neighbour {
  const owner = controllerOf(pod);
  return {
    node,
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    owner: owner === null ? 'nobody' : `${owner.kind} ${owner.name}`,
    daemonSet: owner?.kind === 'DaemonSet',
    critical: isCritical(pod),
    excluded: isExcluded(pod),
  };
}

import type { TargetRef } from '../../../domain/plan/plan.ts';
import { conditionOf } from './objects.ts';
import { unfitness } from './pods.ts';
import type { ClusterReads, WorkloadResource } from './reads.ts';
import { wantedPods } from './workloads.ts';

/** Why a target takes no requests now; null when it does, or when only its agent may ask. */
export async function problemIn({ kind, service, name, locator }: TargetRef, reads: ClusterReads): Promise<string | null> {
  const what = `${kind} ${service}/${name}`;
  switch (kind) {
    case 'pod':
    case 'container':
    case 'link':
    case 'volume': {
      const pods = await reads.pods(String(locator['namespace']));
      const pod = pods.find(({ metadata }) => metadata.name === locator['pod']);
      const why = pod === undefined ? 'is not there any more' : unfitness(pod);
      return why === null ? null : `${what}: its pod ${why}`;
    }
    case 'node': {
      const node = (await reads.nodes()).find(({ metadata }) => metadata.name === name);
      return node !== undefined && conditionOf(node, 'Ready')?.status === 'True' ? null : `${what} is not ready`;
    }
    case 'workload': {
      const resource = String(locator['resource']) as WorkloadResource;
      const found = await reads.workload(resource, String(locator['namespace']), String(locator['name']));
      if (found === null) return `${what} is not there any more`;
      const ready = found.status.numberReady ?? found.status.readyReplicas ?? 0;
      const wanted = wantedPods(found);
      return ready >= wanted ? null : `${what} has ${ready} of ${wanted} pods ready: something is going on there already`;
    }
    default:
      return null;
  }
}

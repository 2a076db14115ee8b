import type { TargetRef } from '../../domain/plan/plan.ts';

/**
 * What a fault takes when it takes its target, the same for every fault, so that no two are on one target at a time. A process is
 * claimed by its name: what takes its place is claimed with it. So are a cluster's nodes, workloads and configs.
 */
export function claimOf({ kind, service, name, uid, locator }: TargetRef): string {
  switch (kind) {
    case 'process':
      return `process:${service}/${name}`;
    case 'node':
      return `object:v1/nodes/${name}`;
    case 'workload':
    case 'config':
      return `object:${[locator['apiVersion'], locator['resource'], locator['namespace'], locator['name']].join('/')}`;
    default:
      return `${kind}:${uid}`;
  }
}

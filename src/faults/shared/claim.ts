import type { TargetRef } from '../../domain/plan/plan.ts';

/**
 * What a fault takes when it takes its target, the same for every fault, so that no two are on one target at a time. A process is
 * claimed by its name: what takes its place is claimed with it.
 */
export function claimOf({ kind, service, name, uid }: TargetRef): string {
  return kind === 'process' ? `process:${service}/${name}` : `${kind}:${uid}`;
}

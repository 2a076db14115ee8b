import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import { podOf } from './pods.ts';

/** Parameter of each fault that deletes pods. */
export const killMode = z
  .enum(['graceful', 'forced'])
  .default('graceful')
  .describe('graceful gives the pod its own time to end, forced gives it none');
export type KillMode = z.infer<typeof killMode>;

/** The options of the deletion of one pod, whoever else has its name. */
export function deletion(uid: string, mode: KillMode): { uid: string; gracePeriodSeconds?: number } {
  return mode === 'forced' ? { uid, gracePeriodSeconds: 0 } : { uid };
}

/** Deletes the pod of that UID. Errors: `target/none` when it is gone, or another has its name. */
export async function killPod(context: FaultContext, target: TargetRef, uid: string, mode: KillMode): Promise<void> {
  context.signal.throwIfAborted();
  const done = await clusterOf(context).delete(podOf(target), deletion(uid, mode));
  if (done === 'deleted') return;
  throw new AppError(
    'target/none',
    `pod ${target.service}/${target.name} was ${done} before it could be killed. Plan again to find its replacement`,
  );
}

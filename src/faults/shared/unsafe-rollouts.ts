import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { isRolledOut } from './rollouts.ts';
import type { RollingWorkload } from './rollouts.ts';

interface RollingUpdate {
  readonly maxUnavailable?: number | string;
  /** Of a StatefulSet: pods of a lower ordinal stay as they are. */
  readonly partition?: number;
}

/** What decides what a rollout costs. `strategy` is a Deployment's, `updateStrategy` a StatefulSet's. */
interface Strategies {
  readonly replicas?: number;
  readonly paused?: boolean;
  readonly strategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate };
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate };
  readonly ordinals?: { readonly start?: number };
}

/** Errors: `guard/blocked` while something is going on there already; `plan/blast-radius` where all pods would end at once. */
export function refuseUnsafeRollout(workload: RollingWorkload, { service, name }: TargetRef): void {
  const what = `${service}/${name}`;
  const spec: Strategies = workload.spec;
  const { replicas = 1 } = spec;
  const idle = whyIdle(spec, replicas);
  if (idle !== null) throw new AppError('guard/blocked', `${what} ${idle}`);
  if (!isRolledOut(workload)) {
    throw new AppError(
      'guard/blocked',
      `${what} is not rolled out: not all of its ${replicas} pods are new and available. Wait for that`,
    );
  }
  const { type = 'RollingUpdate' } = spec.strategy ?? {};
  if (type === 'Recreate' || goneAtOnce(spec, replicas) >= replicas) {
    throw new AppError(
      'plan/blast-radius',
      `${what} ends all of its ${replicas} pods at once when it is rolled out (strategy ${type}). Choose one that keeps some`,
    );
  }
}

/** Why nothing would be rolled out, in words. */
function whyIdle({ paused, updateStrategy, ordinals }: Strategies, replicas: number): string | null {
  if (paused === true) return 'is paused: nothing would be rolled out. Resume it first';
  if (updateStrategy?.type === 'OnDelete') {
    return 'replaces no pod by itself (updateStrategy OnDelete): nothing would be rolled out. Choose one with RollingUpdate';
  }
  const { partition = 0 } = updateStrategy?.rollingUpdate ?? {};
  if (partition < replicas + (ordinals?.start ?? 0)) return null;
  return `keeps every pod as it is (partition ${partition}): nothing would be rolled out. Lower its partition first`;
}

/** A StatefulSet ends one pod at least before it makes another in its place; a Deployment may make the other first. */
function goneAtOnce({ strategy, updateStrategy }: Strategies, replicas: number): number {
  const { maxUnavailable = 0 } = (updateStrategy ?? strategy)?.rollingUpdate ?? {};
  const most =
    typeof maxUnavailable === 'number' ? maxUnavailable : Math.floor((Number.parseFloat(maxUnavailable) / 100) * replicas);
  return Math.max(most, updateStrategy === undefined ? 0 : 1);
}

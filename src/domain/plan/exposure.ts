import type { Plan } from './plan.ts';

/** How many releases a plan has. */
export function stageCountOf({ steps }: Pick<Plan, 'steps'>): number {
  return new Set(steps.map(({ stage }) => stage)).size;
}

/** From the first release to the revert, when nothing goes wrong: the first stage's faults stay for all the others. */
export function exposureSecondsOf(plan: Pick<Plan, 'steps' | 'holdSeconds' | 'stageSeconds'>): number {
  return plan.holdSeconds + Math.max(0, stageCountOf(plan) - 1) * (plan.stageSeconds ?? 0);
}

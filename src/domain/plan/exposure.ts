import type { Plan } from './plan.ts';

/** The releases that a plan has, in their order. */
export function stagesOf({ steps }: { readonly steps: readonly { readonly stage: number }[] }): readonly number[] {
  return [...new Set(steps.map(({ stage }) => stage))].sort((a, b) => a - b);
}

/** How many releases a plan has. */
export function stageCountOf(plan: Pick<Plan, 'steps'>): number {
  return stagesOf(plan).length;
}

/** How long a stage may wait for people who inject by hand, who are asked at once; 0 where nobody is. */
export function byHandSecondsOf({ steps }: Pick<Plan, 'steps'>, stage: number): number {
  return Math.max(0, ...steps.filter((step) => step.stage === stage).map(({ byHand }) => byHand?.withinSeconds ?? 0));
}

/**
 * From the first release to the revert, when nothing goes wrong: the first stage's faults stay for all the others, and while
 * people are waited for.
 */
export function exposureSecondsOf(plan: Pick<Plan, 'steps' | 'holdSeconds' | 'stageSeconds'>): number {
  const byHand = stagesOf(plan).reduce((sum, stage) => sum + byHandSecondsOf(plan, stage), 0);
  return plan.holdSeconds + Math.max(0, stageCountOf(plan) - 1) * (plan.stageSeconds ?? 0) + byHand;
}

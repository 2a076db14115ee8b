import { exposureSecondsOf } from '../plan/exposure.ts';
import type { Plan } from '../plan/plan.ts';
import type { GameDayPlan, PlannedScenario } from './plan.ts';

/**
 * When each scenario's time box ends, in Unix ms: the boxes follow each other from the day's start, with the pause between.
 * A scenario that has not begun by then is skipped, so that one that overran cannot push the whole day into the evening.
 */
export function boxEndsOf({ scenarios, pauseSeconds }: GameDayPlan, startedAtMs: number): readonly number[] {
  let at = startedAtMs;
  return scenarios.map(({ timeboxSeconds }, index) => {
    at += (timeboxSeconds + (index === 0 ? 0 : pauseSeconds)) * 1000;
    return at;
  });
}

/** What a run takes when nothing goes wrong: with less left of its box it is not begun, because it could not be finished. */
export function leastSecondsOf(
  plan: Pick<Plan, 'steps' | 'baselineSeconds' | 'holdSeconds' | 'stageSeconds' | 'recovery' | 'graceSeconds'>,
): number {
  const { baselineSeconds, recovery, graceSeconds } = plan;
  return baselineSeconds + exposureSecondsOf(plan) + Math.max(recovery.stableSeconds, graceSeconds);
}

/** The last moment, in Unix ms, at which a scenario may begin. */
export function lastStartOf(scenario: PlannedScenario, boxEndMs: number): number {
  return scenario.kind === 'manual' ? boxEndMs : boxEndMs - leastSecondsOf(scenario.plan) * 1000;
}

import type { GameDayPlan } from './plan.ts';

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

import type { InjectionState, Now } from './state.ts';

/** Whether a tick may change anything now. Hundreds that are active wait for their next time and cost nothing till then. */
export function isDue(state: InjectionState, now: Now): boolean {
  return now.mono >= restsUntil(state) || now.wall >= state.deadlineAt;
}

function restsUntil(state: InjectionState): number {
  if (state.phase !== 'active') return Number.NEGATIVE_INFINITY;
  const lapse = Math.min(state.deadline, state.leaseUntil);
  if (state.call !== null) return lapse;
  const { holds, adjusts } = state.traits;
  return Math.min(lapse, state.verifyAt, holds ? state.holdAt : Infinity, adjusts ? state.adjustAt : Infinity);
}

import type { InjectionState, Now } from './state.ts';

/** From when on a tick may change anything, by either clock. Hundreds that are active wait for it and cost nothing till then. */
export function dueFrom(state: InjectionState): Now {
  return { mono: restsUntil(state), wall: state.deadlineAt };
}

export function isDue(from: Now, now: Now): boolean {
  return now.mono >= from.mono || now.wall >= from.wall;
}

function restsUntil(state: InjectionState): number {
  if (state.phase !== 'active') return Number.NEGATIVE_INFINITY;
  const lapse = Math.min(state.deadline, state.leaseUntil);
  if (state.call !== null) return lapse;
  const { holds, adjusts } = state.traits;
  return Math.min(lapse, state.verifyAt, holds ? state.holdAt : Infinity, adjusts ? state.adjustAt : Infinity);
}

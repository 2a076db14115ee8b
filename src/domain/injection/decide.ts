import { isoAt, moveTo } from './ends.ts';
import { mutators } from './state.ts';
import type { InjectionState, Now, Operation, Step } from './state.ts';
import { timings } from './timings.ts';

/** Starts at most one call: what the facts allow now. */
export function decide(state: InjectionState, now: Now): Step {
  const idle: Step = { state, effects: [] };
  if (state.call !== null) return idle;
  switch (state.phase) {
    case 'arming':
      return decideArming(state, now);
    case 'armed':
      return state.watched && isReleased(state) ? inject(state, now) : idle;
    case 'activating':
      return now.mono >= state.verifyAt ? call(state, 'verify') : idle;
    case 'active':
      return decideActive(state, now);
    case 'reverting':
    case 'stuck':
      return decideReverting(state, now);
    default:
      return idle;
  }
}

function decideArming(state: InjectionState, now: Now): Step {
  if (state.claims === 'none') return { state: { ...state, claims: 'asked' }, effects: [{ type: 'take-claims' }] };
  if (state.claims === 'asked') return { state, effects: [] };
  if (state.undo === null) return state.nextCall === 1 ? call(state, 'prepare') : { state, effects: [] };
  if (state.traits.arms && !state.armed) return call(state, 'arm');
  if (!state.probed) return call(state, 'verify');
  return decide(moveTo(state, 'armed', { armedAt: isoAt(now.wall) }), now);
}

/** A freeze stops what would make it worse; what keeps it safe goes on. */
function decideActive(state: InjectionState, now: Now): Step {
  const { traits, permit } = state;
  if (traits.holds && now.mono >= state.holdAt) return call({ ...state, holdAt: now.mono + timings.holdEveryMs }, 'hold');
  if (traits.adjusts && permit?.freeze !== true && now.mono >= state.adjustAt) {
    return call({ ...state, adjustAt: now.mono + timings.adjustEveryMs }, 'adjust');
  }
  return now.mono >= state.verifyAt ? call(state, 'verify') : { state, effects: [] };
}

function isReleased(state: InjectionState): boolean {
  return state.permit !== null && !state.permit.freeze && state.permit.releasedStage >= state.spec.stage;
}

function inject(state: InjectionState, now: Now): Step {
  const absent = state.absentBefore ? { lastAbsentAt: isoAt(now.wall) } : {};
  return call(moveTo(state, 'activating', absent), 'inject');
}

function decideReverting(state: InjectionState, now: Now): Step {
  const late = now.mono >= state.revertSince + timings.stuckAfterMs;
  const current = late && state.phase !== 'stuck' ? moveTo(state, 'stuck') : state;
  if (now.mono < current.revertAt) return { state: current, effects: [] };
  if (current.reverted) return call(current, 'verify-reverted');
  // An inject that obeys its signal is let finish stopping, so that the revert comes after it and not beside it.
  if (current.unsettled.length > 0 && now.mono < current.revertSince + timings.abortGraceMs) {
    return { state: current, effects: [] };
  }
  return call({ ...current, undisturbed: true }, 'revert');
}

function call(state: InjectionState, operation: Operation): Step {
  const number = state.nextCall;
  return {
    state: {
      ...state,
      call: { number, operation },
      nextCall: number + 1,
      unsettled: mutators.includes(operation) ? [...state.unsettled, number] : state.unsettled,
    },
    effects: [{ type: 'call', call: number, operation, undo: state.undo ?? {} }],
  };
}

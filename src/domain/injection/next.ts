import { isoAt, isReverting, moveTo, refuse, stop } from './ends.ts';
import { isTerminal } from './records.ts';
import type { Permit, RevertCause } from './records.ts';
import { fail, settle, succeed } from './results.ts';
import { mutators } from './state.ts';
import type { Effect, InjectionEvent, InjectionState, Now, Operation, Step } from './state.ts';
import { timings } from './timings.ts';

/**
 * The whole life of an injection, as a function. The shell performs the effects in order and brings their outcomes back as
 * events. Time and what was read are arguments; nothing here waits.
 */
export function next(state: InjectionState, event: InjectionEvent, now: Now): Step {
  if (ended(state)) return { state: settle(state, callOf(event)), effects: [] };
  // Lapse wins: after a pause the clock is asked before any queued renewal is believed, and again before anything starts.
  const first = lapse(state, now);
  const absorbed = ended(first) ? { state: first, effects: [] } : absorb(first, event, now);
  const second = lapse(absorbed.state, now);
  const decided = decide(second, now);
  const effects: Effect[] = [...absorbed.effects, ...decided.effects];
  const stopped = (isReverting(decided.state) && !isReverting(state)) || ended(decided.state);
  if (stopped) effects.unshift({ type: 'abort' });
  if (decided.state.status !== state.status || (state.phase === 'waiting' && decided.state.phase !== 'waiting')) {
    effects.push({ type: 'write-status', status: decided.state.status });
  }
  // After the status: a claim is only free once everybody can read that its holder has ended.
  if (ended(decided.state)) effects.push({ type: 'release-claims' });
  return { state: decided.state, effects };
}

function ended(state: InjectionState): boolean {
  return state.phase !== 'waiting' && isTerminal(state.phase);
}

function callOf(event: InjectionEvent): number {
  return 'call' in event ? event.call : 0;
}

function lapse(state: InjectionState, now: Now): InjectionState {
  if (ended(state) || isReverting(state)) return state;
  const cause = lapseOf(state, now);
  return cause === null ? state : stop(state, cause, now);
}

function lapseOf(state: InjectionState, now: Now): RevertCause | null {
  if (now.mono >= state.deadline || now.wall >= Date.parse(state.spec.deadline)) return 'deadline';
  return now.mono >= state.leaseUntil ? 'lease' : null;
}

function absorb(state: InjectionState, event: InjectionEvent, now: Now): Step {
  const only = (state: InjectionState): Step => ({ state, effects: [] });
  switch (event.type) {
    case 'tick':
      return only(state);
    case 'halt':
      return only(stop(state, 'halt', now));
    case 'shutdown':
      return only(stop(state, 'shutdown', now));
    case 'corrupt':
      // What cannot be read may have said revert, and a revert is final: nothing waits for it to become readable.
      return only(stop(state, 'corrupt', now, { code: 'record/corrupt', message: event.problem }));
    case 'permit':
      return only(permitted(state, event.permit, event.readAt, now));
    case 'claimed':
      return only({ ...state, claims: 'held' });
    case 'claim-taken':
      return only(
        refuse(state, {
          code: 'claim/taken',
          message: `Injection "${state.spec.id}" needs ${event.claim}, which "${event.holder}" holds. Wait until it has ended`,
        }),
      );
    case 'undo-stored':
      return only({ ...state, undo: event.undo, status: { ...state.status, undo: event.undo } });
    case 'undo-grew': {
      const undo = { ...state.undo, ...event.delta };
      return only({ ...state, undo, status: { ...state.status, undo } });
    }
    case 'store-failed':
      return only(state.undo === null ? refuse(state, event.error) : state);
    case 'overdue': {
      if (state.call?.number !== event.call) return only(state);
      const { operation } = state.call;
      const message = `${operation} of ${state.spec.fault} on ${state.spec.target.name} did not answer in time`;
      const code = operation.includes('revert') ? 'fault/revert-failed' : 'fault/inject-failed';
      return only(fail({ ...state, call: null }, operation, { code, message }, now));
    }
    case 'failed': {
      const settled = settle(state, event.call);
      if (state.call?.number !== event.call) return only(settled);
      return only(fail({ ...settled, call: null }, state.call.operation, event.error, now));
    }
    case 'done': {
      const settled = settle(state, event.call);
      if (state.call?.number !== event.call) return only(settled);
      const succeeded = succeed({ ...settled, call: null }, event.result, now);
      if (event.result.operation !== 'prepare') return only(succeeded);
      return { state: succeeded, effects: [{ type: 'store-undo', undo: event.result.undo }] };
    }
  }
}

function permitted(state: InjectionState, permit: Permit | null, readAt: number, now: Now): InjectionState {
  if (permit === null) return state.permit === null ? state : stop(state, 'permit-gone', now);
  if (permit.revert) return stop(state, 'asked', now);
  const seen = state.permit;
  // A watcher that was replaced may still write; what it says keeps nothing alive.
  if (seen !== null && permit.generation < seen.generation) return state;
  const newer = seen === null || permit.generation > seen.generation || permit.renewal > seen.renewal;
  const phase = state.phase === 'waiting' ? 'arming' : state.phase;
  return { ...state, phase, permit, leaseUntil: newer ? readAt + state.spec.leaseSeconds * 1000 : state.leaseUntil };
}

/** Starts at most one call: what the facts allow now. */
function decide(state: InjectionState, now: Now): Step {
  const idle: Step = { state, effects: [] };
  if (state.call !== null) return idle;
  switch (state.phase) {
    case 'arming':
      return decideArming(state, now);
    case 'armed':
      return isReleased(state) ? inject(state, now) : idle;
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

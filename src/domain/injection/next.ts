import { decide } from './decide.ts';
import { isReverting, refuse, stop } from './ends.ts';
import { isTerminal } from './records.ts';
import type { Permit, RevertCause } from './records.ts';
import { fail, settle, succeed } from './results.ts';
import type { Effect, InjectionEvent, InjectionState, Now, Step } from './state.ts';

/**
 * The whole life of an injection, as a function. The shell performs the effects in order and brings their outcomes back as
 * events. Time and what was read are arguments; nothing here waits.
 */
export function next(state: InjectionState, event: InjectionEvent, now: Now): Step {
  if (ended(state)) return { state: settle(state, callOf(event)), effects: [] };
  // Lapse wins: after a pause the clock is asked before any queued renewal is believed, and again before anything starts.
  const first = lapse(state, now);
  const absorbed = ended(first) ? { state: first, effects: [] } : absorb(first, event, now);
  const second = absorbed.state === first ? first : lapse(absorbed.state, now);
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
  if (now.mono >= state.deadline || now.wall >= state.deadlineAt) return 'deadline';
  return now.mono >= state.leaseUntil ? 'lease' : null;
}

function absorb(state: InjectionState, event: InjectionEvent, now: Now): Step {
  const only = (state: InjectionState): Step => ({ state, effects: [] });
  switch (event.type) {
    case 'tick':
      return only(state);
    case 'halt':
      return only(stop(state, 'halt', now));
    case 'withdrawn':
      return only(stop(state, 'asked', now));
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
  // Its stage is taken back before the others. A release that was never seen here cannot be, and is not needed any more.
  const { stage } = state.spec;
  if (newer && seen !== null && seen.releasedStage >= stage && permit.releasedStage < stage) return stop(state, 'asked', now);
  const phase = state.phase === 'waiting' ? 'arming' : state.phase;
  const leaseUntil = newer ? Math.max(state.leaseUntil, readAt + state.spec.leaseSeconds * 1000) : state.leaseUntil;
  return { ...state, phase, permit, leaseUntil, watched: state.watched || (seen !== null && newer) };
}

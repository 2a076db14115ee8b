import { endPhase, isReverting, isoAt, moveTo, refuse, stop } from './ends.ts';
import { mutators } from './state.ts';
import type { CallResult, InjectionState, Now, Operation, ReadBack, RecordError } from './state.ts';
import { timings } from './timings.ts';

/** Forgets a call that has settled. One that might have changed the target makes a revert beside or before it worthless. */
export function settle(state: InjectionState, call: number): InjectionState {
  if (!state.unsettled.includes(call)) return state;
  const settled = { ...state, unsettled: state.unsettled.filter((number) => number !== call) };
  return isReverting(state) ? { ...settled, reverted: false, undisturbed: false } : settled;
}

/** The awaited call succeeded. */
export function succeed(state: InjectionState, result: CallResult, now: Now): InjectionState {
  switch (result.operation) {
    case 'prepare':
    case 'adjust':
      return state;
    case 'hold':
      return result.gaveBack === undefined ? state : stop(state, 'guard', now, guardError(state, result.gaveBack));
    case 'arm':
      return { ...state, armed: true };
    case 'inject':
      return {
        ...moveTo(state, 'activating', { activeAt: isoAt(now.wall) }),
        verifyAt: now.mono,
        verifyUntil: now.mono + timings.verifyWithinMs,
      };
    case 'verify':
      return verified(state, result.read, result.askedAt, now);
    case 'revert': {
      const ended = moveTo(state, state.phase === 'stuck' ? 'stuck' : 'reverting', { revertedAt: isoAt(now.wall) });
      return { ...ended, reverted: state.undisturbed, readBacks: 0, revertAt: now.mono };
    }
    case 'verify-reverted':
      return readBack(state, result.read, now);
  }
}

/** The awaited call failed, or did not answer in time. */
export function fail(state: InjectionState, operation: Operation, error: RecordError, now: Now): InjectionState {
  if (operation === 'revert' || operation === 'verify-reverted') return revertFailed(state, error, now);
  if (operation === 'prepare') return refuse(state, error);
  if (error.code === 'target/none') return stop(state, 'target-gone', now, error);
  if (mutators.includes(operation)) return stop(state, 'inject-failed', now, error);
  if (state.phase === 'activating') return notYet(state, now, error.message);
  return { ...state, probed: true, verifyAt: now.mono + timings.recheckEveryMs };
}

function verified(state: InjectionState, read: ReadBack, askedAt: number, now: Now): InjectionState {
  if (state.phase === 'arming') return { ...state, probed: true, absentBefore: !read.present };
  if (state.phase === 'active') return rechecked(state, read, now);
  if (!read.present) return notYet(moveTo(state, 'activating', { lastAbsentAt: isoAt(askedAt) }), now, unseen(read));
  const seen = { verifiedAt: isoAt(now.wall), evidence: { summary: read.summary, data: read.data } };
  if (state.traits.effect === 'event') return moveTo(state, 'spent', seen);
  return {
    ...moveTo(state, 'active', seen),
    verifyAt: now.mono + timings.recheckEveryMs,
    holdAt: now.mono + timings.holdEveryMs,
    adjustAt: now.mono + timings.adjustEveryMs,
  };
}

function notYet(state: InjectionState, now: Now, problem: string): InjectionState {
  if (now.mono < state.verifyUntil) return { ...state, verifyAt: now.mono + timings.verifyEveryMs };
  return stop(state, 'inject-failed', now, {
    code: 'fault/not-verified',
    message: `${state.spec.fault} on ${state.spec.target.name}: ${problem}`,
  });
}

const guardError = ({ spec }: InjectionState, why: string): RecordError => ({
  code: 'guard/blocked',
  message: `${spec.fault} on ${spec.target.name} took its effect back by itself: ${why}`,
});

const unseen = ({ summary }: ReadBack): string =>
  `the effect was not seen within ${timings.verifyWithinMs / 1000} s; the last look: ${summary}`;

function rechecked(state: InjectionState, { present, gaveBack }: ReadBack, now: Now): InjectionState {
  // Between two pulses there is nothing to see.
  if (present || (state.traits.effect === 'pulsed' && gaveBack === undefined)) {
    return { ...state, absentReads: 0, gaveBack: null, verifyAt: now.mono + timings.recheckEveryMs };
  }
  const absentReads = state.absentReads + 1;
  const why = gaveBack ?? state.gaveBack;
  if (absentReads < timings.absentReadsToLift) {
    return { ...state, absentReads, gaveBack: why, verifyAt: now.mono + timings.absentRecheckMs };
  }
  return why === null ? stop(state, 'responder', now) : stop(state, 'guard', now, guardError(state, why));
}

function readBack(state: InjectionState, read: ReadBack, now: Now): InjectionState {
  if (read.present) {
    const readBacks = state.readBacks + 1;
    if (readBacks < timings.readBacksPerRevert) return { ...state, readBacks, revertAt: now.mono + timings.readBackEveryMs };
    return revertFailed(state, { code: 'fault/revert-failed', message: `still there after the revert: ${read.summary}` }, now);
  }
  // Absent now, but a call that may still change the target has not ended: look again, then revert after it.
  if (state.unsettled.length > 0 || !state.reverted) return { ...state, revertAt: now.mono + timings.readBackEveryMs };
  return moveTo(state, endPhase(state), {
    revertVerifiedAt: isoAt(now.wall),
    revertEvidence: { summary: read.summary, data: read.data },
  });
}

function revertFailed(state: InjectionState, error: RecordError, now: Now): InjectionState {
  const revertFailures = state.revertFailures + 1;
  const backoff = Math.min(timings.revertBackoffMs * 2 ** (revertFailures - 1), timings.revertBackoffMaxMs);
  const phase = revertFailures >= timings.stuckAfterFailures ? 'stuck' : 'reverting';
  return { ...moveTo(state, phase, { error }), revertFailures, reverted: false, revertAt: now.mono + backoff };
}

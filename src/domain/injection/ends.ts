import type { InjectionSpec, InjectionStatus, Phase, RevertCause } from './records.ts';
import type { InjectionState, Now, RecordError } from './state.ts';

export function isoAt(wall: number): string {
  return new Date(wall).toISOString();
}

/** The status of an injection that was turned away before anything was touched. */
export function refusedStatus(spec: Pick<InjectionSpec, 'id' | 'runId'>, error: RecordError): InjectionStatus {
  return { schemaVersion: 1, id: spec.id, runId: spec.runId, phase: 'refused', error };
}

export function moveTo(state: InjectionState, phase: Phase, changes: Partial<InjectionStatus> = {}): InjectionState {
  return { ...state, phase, status: { ...state.status, ...changes, phase } };
}

/** Turned away untouched: no undo was stored, so nothing was changed. */
export function refuse(state: InjectionState, error: RecordError): InjectionState {
  return { ...moveTo(state, 'refused', { error }), call: null };
}

/** Begins the revert, or refuses what was never touched. The first cause stays: later ones change nothing. */
export function stop(state: InjectionState, cause: RevertCause, now: Now, error?: RecordError): InjectionState {
  if (isReverting(state)) return state;
  if (state.undo === null) return refuse(state, error ?? refusalFor(cause, state.spec));
  return {
    ...moveTo(state, 'reverting', { cause, revertStartedAt: isoAt(now.wall), ...(error === undefined ? {} : { error }) }),
    call: null,
    revertSince: now.mono,
    revertAt: now.mono,
  };
}

export function isReverting(state: InjectionState): boolean {
  return state.phase === 'reverting' || state.phase === 'stuck';
}

/** What a verified revert makes of the injection. */
export function endPhase(state: InjectionState): Phase {
  if (state.status.cause === 'responder') return 'lifted';
  return state.traits.effect === 'pulsed' && state.status.cause === 'deadline' ? 'spent' : 'reverted';
}

function refusalFor(cause: RevertCause, spec: InjectionSpec): RecordError {
  const reasons: Partial<Record<RevertCause, string>> = {
    asked: 'its run asked for the revert first',
    deadline: `its deadline ${spec.deadline} has passed`,
    lease: `no living permit of run "${spec.runId}" was seen for ${spec.leaseSeconds} s`,
    halt: 'the halt switch is set. Lift it, then start a new run',
    'permit-gone': `the permit of run "${spec.runId}" is gone`,
    shutdown: 'the agent is shutting down',
    corrupt: 'its records are damaged',
    'target-gone': `its target "${spec.target.name}" is gone`,
  };
  return {
    code: cause === 'corrupt' ? 'record/corrupt' : cause === 'target-gone' ? 'target/none' : 'guard/blocked',
    message: `Injection "${spec.id}" was not started: ${reasons[cause] ?? cause}`,
  };
}

import type { JsonObject } from '../json.ts';
import type { InjectionSpec, InjectionStatus, RevertCause } from './records.ts';
import { isoAt } from './ends.ts';
import type { FaultTraits, InjectionState, Now } from './state.ts';

/**
 * A new injection that the agent accepts. It waits for its run's permit, for one lease at most. `watched`: it was written within this
 * life of the agent, by a watcher that lived then; one that was found there may be of a watcher that is long dead, and waits for a
 * renewal that is seen to come.
 */
export function begin(spec: InjectionSpec, traits: FaultTraits, now: Now, watched: boolean): InjectionState {
  return {
    spec,
    traits,
    phase: 'waiting',
    status: { schemaVersion: 1, id: spec.id, runId: spec.runId, phase: 'arming', armingAt: isoAt(now.wall) },
    deadline: now.mono + (Date.parse(spec.deadline) - now.wall),
    deadlineAt: Date.parse(spec.deadline),
    leaseUntil: now.mono + spec.leaseSeconds * 1000,
    permit: null,
    watched,
    claims: 'none',
    undo: null,
    armed: false,
    probed: false,
    absentBefore: false,
    call: null,
    nextCall: 1,
    unsettled: [],
    verifyAt: 0,
    holdAt: 0,
    adjustAt: 0,
    revertAt: 0,
    verifyUntil: 0,
    absentReads: 0,
    gaveBack: null,
    revertSince: 0,
    revertFailures: 0,
    readBacks: 0,
    undisturbed: true,
    reverted: false,
  };
}

/** An injection that another life of the agent left behind: it is only reverted, never injected again. */
export function resume(
  left: {
    readonly spec: InjectionSpec;
    readonly status: InjectionStatus | null;
    readonly undo: JsonObject;
    readonly cause: RevertCause;
  },
  now: Now,
): InjectionState {
  const traits: FaultTraits = { effect: 'held', arms: false, holds: false, adjusts: false, claims: [] };
  const status: InjectionStatus = {
    schemaVersion: 1,
    id: left.spec.id,
    runId: left.spec.runId,
    ...left.status,
    phase: 'reverting',
    undo: left.undo,
    cause: left.status?.cause ?? left.cause,
    revertStartedAt: left.status?.revertStartedAt ?? isoAt(now.wall),
  };
  return {
    ...begin(left.spec, traits, now, false),
    phase: 'reverting',
    status,
    undo: left.undo,
    revertSince: now.mono,
    revertAt: now.mono,
  };
}

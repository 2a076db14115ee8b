import type { JsonObject } from '../json.ts';
import type { InjectionSpec, InjectionStatus, Permit, Phase } from './records.ts';

/** Both clocks, read together. Monotonic ms decide lapses and waits; wall ms are for the absolute deadline and for people. */
export interface Now {
  readonly mono: number;
  readonly wall: number;
}

export type Operation = 'prepare' | 'arm' | 'verify' | 'inject' | 'hold' | 'adjust' | 'revert' | 'verify-reverted';

/** Operations that may still change the target while they have not settled. */
export const mutators: readonly Operation[] = ['arm', 'inject', 'hold', 'adjust'];

export interface ReadBack {
  readonly present: boolean;
  readonly summary: string;
  readonly data: JsonObject;
  /** Of a look for the effect: why the fault took it back by itself. */
  readonly gaveBack?: string;
}

export interface RecordError {
  readonly code: string;
  readonly message: string;
}

/** What the reducer must know of the fault. */
export interface FaultTraits {
  readonly effect: 'held' | 'event' | 'pulsed';
  readonly arms: boolean;
  readonly holds: boolean;
  readonly adjusts: boolean;
  readonly claims: readonly string[];
}

export type InjectionEvent =
  | { readonly type: 'tick' }
  /** `readAt`: monotonic ms; its newest renewal was not stored before, so that no slow read makes a lease longer. */
  | { readonly type: 'permit'; readonly permit: Permit | null; readonly readAt: number }
  | { readonly type: 'halt' }
  /** Somebody takes its record away: a wish for its end, and for no other's. */
  | { readonly type: 'withdrawn' }
  | { readonly type: 'corrupt'; readonly problem: string }
  | { readonly type: 'shutdown' }
  | { readonly type: 'claimed' }
  | { readonly type: 'claim-taken'; readonly claim: string; readonly holder: string }
  | { readonly type: 'undo-stored'; readonly undo: JsonObject }
  | { readonly type: 'undo-grew'; readonly delta: JsonObject }
  | { readonly type: 'store-failed'; readonly error: RecordError }
  | { readonly type: 'done'; readonly call: number; readonly result: CallResult }
  | { readonly type: 'failed'; readonly call: number; readonly error: RecordError }
  /** The call's time is up; it was aborted but has not settled. */
  | { readonly type: 'overdue'; readonly call: number };

export type CallResult =
  | { readonly operation: 'prepare'; readonly undo: JsonObject }
  | { readonly operation: 'arm' | 'inject' | 'adjust' | 'revert' }
  /** `gaveBack`: why the fault took its effect back by itself. */
  | { readonly operation: 'hold'; readonly gaveBack?: string }
  /** `askedAt`: wall ms at which the question was put; an absent effect was surely absent only then. */
  | { readonly operation: 'verify' | 'verify-reverted'; readonly read: ReadBack; readonly askedAt: number };

export type Effect =
  | { readonly type: 'call'; readonly call: number; readonly operation: Operation; readonly undo: JsonObject }
  /** Aborts the signal of every call that has not settled, except reverts. */
  | { readonly type: 'abort' }
  | { readonly type: 'take-claims' }
  | { readonly type: 'release-claims' }
  | { readonly type: 'store-undo'; readonly undo: JsonObject }
  | { readonly type: 'write-status'; readonly status: InjectionStatus };

/** What one agent knows of one injection. Plain data: `next` is the only thing that makes a new one. */
export interface InjectionState {
  readonly spec: InjectionSpec;
  readonly traits: FaultTraits;
  /** `waiting`: no permit was seen yet, nothing was done. */
  readonly phase: Phase | 'waiting';
  readonly status: InjectionStatus;
  /** Monotonic ms; fixed when the injection was first seen. The absolute one counts too: the earlier of both. */
  readonly deadline: number;
  /** The absolute one, unix ms. */
  readonly deadlineAt: number;
  readonly leaseUntil: number;
  readonly permit: Permit | null;
  /** Its watcher is known to have lived within this life of the agent: else nothing is injected, whatever a permit says. */
  readonly watched: boolean;
  readonly claims: 'none' | 'asked' | 'held';
  /** Set once the undo is durable: before it nothing may touch the target. */
  readonly undo: JsonObject | null;
  readonly armed: boolean;
  /** Looked at once before injecting; `absentBefore` says whether the effect was seen to be absent then. */
  readonly probed: boolean;
  readonly absentBefore: boolean;
  /** The call whose answer is awaited. */
  readonly call: { readonly number: number; readonly operation: Operation } | null;
  readonly nextCall: number;
  /** Mutating calls that have not settled, awaited or not: after each of them a revert must run. */
  readonly unsettled: readonly number[];
  /** Monotonic ms of the next verify, hold, adjust, and revert or read-back. */
  readonly verifyAt: number;
  readonly holdAt: number;
  readonly adjustAt: number;
  readonly revertAt: number;
  readonly verifyUntil: number;
  readonly absentReads: number;
  /** What one of those reads said of why: then the fault took it back by itself, whatever the others say. */
  readonly gaveBack: string | null;
  readonly revertSince: number;
  readonly revertFailures: number;
  readonly readBacks: number;
  /** No mutating call has settled since the latest revert began. */
  readonly undisturbed: boolean;
  /** The latest revert ended, undisturbed: what is left is to read back. */
  readonly reverted: boolean;
}

export interface Step {
  readonly state: InjectionState;
  readonly effects: readonly Effect[];
}

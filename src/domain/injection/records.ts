import type { JsonObject } from '../json.ts';
import type { AgentKind, TargetRef } from '../plan/plan.ts';

/** What the plan wants: immutable, written once by the worker. */
export interface InjectionSpec {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly runId: string;
  readonly environment: string;
  readonly stage: number;
  readonly fault: string;
  /** Which agent carries it out; absent: the host's. */
  readonly agent?: AgentKind;
  readonly params: JsonObject;
  readonly target: TargetRef;
  /** Absolute, ISO with ms. Nothing moves it. */
  readonly deadline: string;
  readonly leaseSeconds: number;
}

export const phases = [
  'arming',
  'armed',
  'activating',
  'active',
  'reverting',
  'stuck',
  'reverted',
  'spent',
  'lifted',
  'refused',
] as const;

export type Phase = (typeof phases)[number];

/** Terminal phases absorb. `stuck` is not terminal: it keeps trying, loudly. */
export const terminalPhases: readonly Phase[] = ['reverted', 'spent', 'lifted', 'refused'];

export function isTerminal(phase: Phase): boolean {
  return terminalPhases.includes(phase);
}

export type RevertCause =
  | 'asked'
  | 'deadline'
  | 'lease'
  | 'halt'
  | 'permit-gone'
  | 'shutdown'
  | 'restart'
  | 'target-gone'
  | 'inject-failed'
  /** The agent took the effect back by itself, to keep a limit of the fault's own; or what held it died. */
  | 'guard'
  | 'superseded'
  | 'responder'
  | 'corrupt';

/** What an agent says of one injection: one writer, every field moves one way. Times are ISO with ms, on the agent's clock. */
export interface InjectionStatus {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly runId: string;
  readonly phase: Phase;
  /** Stored before the first change. Never secret. */
  readonly undo?: JsonObject;
  /** When the agent took it in. */
  readonly armingAt?: string;
  readonly armedAt?: string;
  /** Last read-back without the effect: the lower bound of T0. */
  readonly lastAbsentAt?: string;
  readonly activeAt?: string;
  /** First read-back with the effect: T0 (the upper bound). */
  readonly verifiedAt?: string;
  readonly revertStartedAt?: string;
  readonly revertedAt?: string;
  readonly revertVerifiedAt?: string;
  readonly cause?: RevertCause;
  /** What verify read, and what verifyReverted read. */
  readonly evidence?: JsonObject;
  readonly revertEvidence?: JsonObject;
  readonly error?: { readonly code: string; readonly message: string };
  readonly agent?: { readonly name: string; readonly version: string; readonly pid: number };
}

/** A run's living permission. Written by the worker only; `generation` rises with each watcher that takes over. */
export interface Permit {
  readonly schemaVersion: 1;
  readonly runId: string;
  readonly generation: number;
  /** Rises by one with each renewal of this generation. */
  readonly renewal: number;
  /** Stages up to this one may be active; 0 releases nothing. What was released and is beyond it is reverted. */
  readonly releasedStage: number;
  readonly freeze: boolean;
  readonly revert: boolean;
}

/** A lifted halt is an absent one. */
export interface Halt {
  readonly by: string;
  readonly why: string;
  readonly at: string;
}

/** An agent's sign of life, rewritten every second. */
export interface AgentHeartbeat {
  readonly name: string;
  readonly pid: number;
  readonly version: string;
  readonly at: string;
  readonly faults: readonly string[];
}

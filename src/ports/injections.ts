import type { Confirmation, ConfirmationWord } from '../domain/injection/confirmation.ts';
import type { AgentHeartbeat, Halt, InjectionSpec, InjectionStatus, Permit } from '../domain/injection/records.ts';

/** A record that could not be read: the caller refuses or reverts, never ignores. */
export interface CorruptRecord {
  readonly corrupt: true;
  readonly id: string;
  readonly problem: string;
}

export type Read<T> = T | CorruptRecord;

export function isCorrupt<T extends object>(read: Read<T>): read is CorruptRecord {
  return 'corrupt' in read;
}

/** What one look at a run's permit showed. */
export interface PermitLook {
  readonly permit: Read<Permit> | null;
  /** Monotonic ms: its newest renewal was stored after this. At the first look of all: when that began. */
  readonly since: number;
}

/**
 * The record store between worker and agents. One writer per object; writes are atomic and durable. What lists, looks, halts and
 * confirmations say may be a moment old, and is never older than seconds: then they fail. Errors: `upstream/unreachable`, `cluster/forbidden`.
 */
export interface InjectionStore {
  /** Written once; a second write of the same id must be identical. */
  writeSpec(spec: InjectionSpec): Promise<void>;
  /** Ids in `except` are not looked at: an agent that lives long has many that ended long ago. */
  readSpecs(except?: ReadonlySet<string>): Promise<readonly Read<InjectionSpec>[]>;
  /** Ids of injections whose record somebody deletes: their end is asked for, and the record stays until that is verified. */
  readWithdrawn(): Promise<readonly string[]>;
  writeStatus(status: InjectionStatus): Promise<void>;
  /** As it is stored now. `undo` may be left out where the journal has it in safer hands. */
  readStatus(id: string): Promise<Read<InjectionStatus> | null>;
  /** Of every injection an agent has answered for, also where its spec is gone; or of these only. */
  readStatuses(ids?: readonly string[]): Promise<readonly Read<InjectionStatus>[]>;
  /** A permit that has said revert says so for good: no later write, by whomever, takes it back. */
  writePermit(permit: Permit): Promise<void>;
  /** As it is stored now. */
  readPermit(runId: string): Promise<Read<Permit> | null>;
  /**
   * For whoever looks again and again. A revert counts at once; a renewal from when it can be said how old it is at most. The same
   * object for as long as one that asks for no revert says nothing new.
   */
  lookAtPermit(runId: string): Promise<PermitLook>;
  /** What is stored afterwards: a word that was said before, by whomever, stays as it was. */
  writeConfirmation(confirmation: Confirmation): Promise<Read<Confirmation>>;
  readConfirmation(id: string, word: ConfirmationWord): Promise<Read<Confirmation> | null>;
  writeHalt(halt: Halt): Promise<void>;
  liftHalt(): Promise<void>;
  /**
   * A halt that cannot be read is a halt. `since`, monotonic ms: for whoever looks again and again; one that was lifted after that
   * counts too, as far as the store has heard of it.
   */
  readHalt(since?: number): Promise<Halt | null>;
  writeHeartbeat(heartbeat: AgentHeartbeat): Promise<void>;
  readHeartbeats(): Promise<readonly AgentHeartbeat[]>;
  /** Takes all claims or none; the holder's id when one is taken. */
  takeClaims(id: string, claims: readonly string[]): Promise<{ taken: true } | { taken: false; claim: string; holder: string }>;
  /** An agent's last word on an injection that has ended: its claims are free, and its record may go. */
  releaseClaims(id: string): Promise<void>;
}

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

/** The record store between worker and agents. One writer per object; writes are atomic and durable. Errors: `upstream/unreachable`. */
export interface InjectionStore {
  /** Written once; a second write of the same id must be identical. */
  writeSpec(spec: InjectionSpec): Promise<void>;
  /** Ids in `except` are not looked at: an agent that lives long has many that ended long ago. */
  readSpecs(except?: ReadonlySet<string>): Promise<readonly Read<InjectionSpec>[]>;
  writeStatus(status: InjectionStatus): Promise<void>;
  readStatus(id: string): Promise<Read<InjectionStatus> | null>;
  /** Of every injection an agent has answered for, also where its spec is gone. */
  readStatuses(): Promise<readonly Read<InjectionStatus>[]>;
  /** A permit that has said revert says so for good: no later write, by whomever, takes it back. */
  writePermit(permit: Permit): Promise<void>;
  readPermit(runId: string): Promise<Read<Permit> | null>;
  writeHalt(halt: Halt): Promise<void>;
  liftHalt(): Promise<void>;
  /** A halt that cannot be read is a halt. */
  readHalt(): Promise<Halt | null>;
  writeHeartbeat(heartbeat: AgentHeartbeat): Promise<void>;
  readHeartbeats(): Promise<readonly AgentHeartbeat[]>;
  /** Takes all claims or none; the holder's id when one is taken. */
  takeClaims(id: string, claims: readonly string[]): Promise<{ taken: true } | { taken: false; claim: string; holder: string }>;
  releaseClaims(id: string): Promise<void>;
}

import type { InjectionSpec } from '../domain/injection/records.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Read } from './injections.ts';

/** All that a revert needs, and nothing it would have to look up. */
export interface JournalEntry {
  readonly id: string;
  readonly spec: InjectionSpec;
  /** What prepare read, with every later delta laid over it. */
  readonly undo: JsonObject;
}

/** The agent's own durable memory. Once an injection is in it, no life of any agent injects it again. Errors: `upstream/unreachable`. */
export interface Journal {
  /** Durable when it resolves. Exactly one caller per id gets true. */
  open(spec: InjectionSpec, undo: JsonObject): Promise<boolean>;
  /** Durable when it resolves. The delta's fields replace those of the undo. */
  append(id: string, delta: JsonObject): Promise<void>;
  read(id: string): Promise<Read<JournalEntry> | null>;
  ids(): Promise<readonly string[]>;
}

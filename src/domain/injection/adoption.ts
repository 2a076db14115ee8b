import type { JsonObject } from '../json.ts';
import { isTerminal } from './records.ts';
import type { InjectionSpec, InjectionStatus, RevertCause } from './records.ts';
import type { RecordError } from './state.ts';

/** A record that is there and cannot be understood. */
export interface Damaged {
  readonly corrupt: true;
  readonly problem: string;
}

type Found<T> = T | Damaged | null;

/** What the records hold of an injection that this life of the agent has not seen. */
export interface FoundRecords {
  readonly spec: Found<InjectionSpec>;
  readonly status: Found<InjectionStatus>;
  readonly journal: Found<{ readonly spec: InjectionSpec; readonly undo: JsonObject }>;
}

/** What an earlier life of an agent may have changed. */
export interface LeftBehind {
  readonly spec: InjectionSpec;
  readonly status: InjectionStatus | null;
  readonly undo: JsonObject;
  readonly cause: RevertCause;
}

export type Adoption =
  /** Its status is final. A crash between that status and the release may have left claims. */
  | { readonly kind: 'ended' }
  /** It may have been begun, and only be reverted. */
  | { readonly kind: 'revert'; readonly left: LeftBehind }
  /** It may be in effect, and what is left of its records does not say how to undo it. */
  | { readonly kind: 'unknown'; readonly status: InjectionStatus | null }
  /** It was never touched, and will not be. */
  | { readonly kind: 'refuse'; readonly error: RecordError }
  | { readonly kind: 'begin'; readonly spec: InjectionSpec };

/** What the journal knows was begun and is only reverted; what only a status knows was never touched; the rest is new. */
export function adoptionOf(id: string, found: FoundRecords, halted: boolean): Adoption {
  const { spec, status } = found;
  if (status !== null && !isDamaged(status) && isTerminal(status.phase)) return { kind: 'ended' };
  const left = leftBehind(found);
  if (left !== null) return left;
  if (spec === null || isDamaged(spec)) {
    return refuse('record/corrupt', spec === null ? `no spec of "${id}"` : spec.problem);
  }
  if (status !== null) {
    return refuse('part/died', `The agent ended before "${id}" was armed; nothing was touched. Start a new run`);
  }
  if (halted) return refuse('guard/blocked', `Injection "${id}" was not started: the halt switch is set. Lift it first`);
  return { kind: 'begin', spec };
}

/** The journal is believed first: it is written before the target is touched. */
function leftBehind({ spec, status, journal }: FoundRecords): Adoption | null {
  const readable = status !== null && !isDamaged(status) ? status : null;
  const damaged = spec === null || isDamaged(spec) || (status !== null && isDamaged(status));
  const cause: RevertCause = damaged ? 'corrupt' : 'restart';
  if (journal !== null && !isDamaged(journal)) {
    return { kind: 'revert', left: { spec: journal.spec, status: readable, undo: journal.undo, cause } };
  }
  if (readable?.undo === undefined) return journal === null ? null : { kind: 'unknown', status: readable };
  // Its status says that it was begun; without a spec nobody knows what to call.
  if (spec === null || isDamaged(spec)) return { kind: 'unknown', status: readable };
  return { kind: 'revert', left: { spec, status: readable, undo: readable.undo, cause: 'corrupt' } };
}

function refuse(code: RecordError['code'], message: string): Adoption {
  return { kind: 'refuse', error: { code, message } };
}

function isDamaged(record: object): record is Damaged {
  return 'corrupt' in record;
}

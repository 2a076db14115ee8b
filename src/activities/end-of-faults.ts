import { isAppError, messageOf, errorCodes } from '../domain/errors.ts';
import type { InjectionSpec } from '../domain/injection/records.ts';
import type { Clock } from '../ports/clock.ts';
import { isoOf } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import { allTerminal, readInjections } from './injection-watch.ts';
import type { Recorder } from './recorder.ts';

/** When it was read that all faults of a run have ended. */
export interface EndSeen {
  /** Monotonic ms. */
  readonly at: number;
  /** ISO: since then the records could not be read, so that they may have ended earlier. null: they were read all the time. */
  readonly notBefore: string | null;
}

/** Whoever cannot read the records looks on: what ended meanwhile is told when they are back, and for how long nobody saw. */
export function createEndOfFaults(
  store: InjectionStore,
  specs: readonly InjectionSpec[],
  { clock, recorder }: { readonly clock: Clock; readonly recorder: Pick<Recorder, 'event'> },
): () => Promise<EndSeen | null> {
  let blind: { readonly since: number; readonly from: string } | null = null;
  let lastSeen = isoOf(clock);

  return async (): Promise<EndSeen | null> => {
    const from = lastSeen;
    const asked = isoOf(clock);
    try {
      const view = await readInjections(store, specs);
      if (blind !== null) {
        const seconds = Math.round((clock.monotonic() - blind.since) / 1000);
        recorder.event({ source: 'run', kind: 'run.records-back', text: `the records are read again, after ${seconds} s` });
      }
      const notBefore = blind?.from ?? null;
      blind = null;
      lastSeen = asked;
      return allTerminal(view) ? { at: clock.monotonic(), notBefore } : null;
    } catch (error) {
      if (isAppError(error) && !errorCodes[error.code].retry) throw error;
      if (blind === null) {
        const text = `recovery is looked for blindly, the records cannot be read: ${messageOf(error)}`;
        recorder.event({ source: 'run', kind: 'run.records-unread', text });
        blind = { since: clock.monotonic(), from };
      }
      return null;
    }
  };
}

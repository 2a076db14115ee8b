import { msOf } from './bounds.ts';
import type { FaultTimes } from './fault-times.ts';
import type { MeasurementInput } from './input.ts';
import type { Clocks, MitigatedBy } from '../run-record.ts';

/** Whether the users' recovery came before we began to take the fault away: only then is it somebody's, or the system's, work. */
export function recoveredUnaided(clocks: Clocks, times: FaultTimes): boolean {
  return clocks.recovered !== null && (times.revertStarted === null || msOf(clocks.recovered.at) < times.revertStarted);
}

/** Who or what ended the users' pain; null when there was none, or when it did not end. */
export function mitigatedBy(input: MeasurementInput, clocks: Clocks, times: FaultTimes): MitigatedBy | null {
  if (clocks.impact === null || clocks.recovered === null) return null;
  if (recoveredUnaided(clocks, times)) {
    const recovered = msOf(clocks.recovered.at);
    const worked = [clocks.acted, clocks.mitigated].some((instant) => instant !== null && msOf(instant.at) <= recovered);
    return worked ? 'responder' : 'auto-heal';
  }
  if (input.ending.abortedBy?.kind === 'halt') return 'halt';
  return input.ending.ending === 'completed' ? 'expiry' : 'abort';
}

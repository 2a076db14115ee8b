import { msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import { isDecided } from './sample.ts';
import type { Sample } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';

/** A verdict needs this share of decided samples: silence is never a success. */
export const neededCoverage = 0.8;

/** What a probe should have said of a stretch of time, and what it did. Samples that are not in the record count as unknown. */
export interface Coverage {
  readonly decided: number;
  /** Taken, or due and missing. */
  readonly due: number;
}

/** `from` and `to` in unix ms; without an end: until the run ended. */
export function coverageOf(
  input: Pick<MeasurementInput, 'endedAt'>,
  probe: PlannedProbe,
  samples: readonly Sample[],
  { from, to }: { readonly from: number; readonly to: number },
): Coverage {
  const end = Math.min(to, msOf(input.endedAt));
  const due = Math.max(samples.length, Math.floor((end - from) / 1000 / probe.intervalSeconds));
  return { decided: samples.filter(isDecided).length, due };
}

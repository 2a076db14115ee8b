import type { ClockOffset } from './input.ts';
import type { Instant } from '../run-record.ts';

/** An instant in unix milliseconds, before it is printed: lo ≤ at ≤ hi. */
export interface Bounds {
  readonly at: number;
  readonly lo: number;
  readonly hi: number;
}

export function exactly(at: number): Bounds {
  return { at, lo: at, hi: at };
}

export function between(lo: number, hi: number): Bounds {
  return { at: hi, lo: Math.min(lo, hi), hi };
}

/** From an upstream's clock to ours; what is not known of the offset widens the bounds. */
export function corrected(bounds: Bounds, offset: ClockOffset): Bounds {
  return {
    at: bounds.at - offset.offsetMs,
    lo: bounds.lo - offset.offsetMs - offset.errorMs,
    hi: bounds.hi - offset.offsetMs + offset.errorMs,
  };
}

export function instantOf(bounds: Bounds | null, source: string): Instant | null {
  return bounds === null ? null : { at: isoOf(bounds.at), lo: isoOf(bounds.lo), hi: isoOf(bounds.hi), source };
}

export function isoOf(ms: number): string {
  return new Date(Math.round(ms)).toISOString();
}

export function msOf(iso: string): number {
  return Date.parse(iso);
}

/** When the first of them happened. Each may have been the first: the bounds are those of the minimum, not of one of them. */
export function earliest(all: readonly Bounds[]): Bounds | null {
  return merged(all, Math.min);
}

/** When the last of them happened. */
export function latest(all: readonly Bounds[]): Bounds | null {
  return merged(all, Math.max);
}

function merged(all: readonly Bounds[], pick: (...values: number[]) => number): Bounds | null {
  if (all.length === 0) return null;
  const of = (side: keyof Bounds) => pick(...all.map((bounds) => bounds[side]));
  return { at: of('at'), lo: of('lo'), hi: of('hi') };
}

/** The measured offset of an upstream; none measured: taken as zero, and said in the data quality notes. */
export function offsetOf(offsets: readonly ClockOffset[], upstream: string): ClockOffset {
  return offsets.find((offset) => offset.upstream === upstream) ?? { upstream, offsetMs: 0, errorMs: 0 };
}

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

export function earliest(all: readonly Bounds[]): Bounds | null {
  return all.reduce<Bounds | null>((first, next) => (first === null || next.at < first.at ? next : first), null);
}

export function latest(all: readonly Bounds[]): Bounds | null {
  return all.reduce<Bounds | null>((last, next) => (last === null || next.at > last.at ? next : last), null);
}

/** The measured offset of an upstream; none measured: taken as zero, and said in the data quality notes. */
export function offsetOf(offsets: readonly ClockOffset[], upstream: string): ClockOffset {
  return offsets.find((offset) => offset.upstream === upstream) ?? { upstream, offsetMs: 0, errorMs: 0 };
}

/**
 * One measured value with its time and its class (measurement 4.2).
 * GOOD and BAD are decided; every other class is unknown, and unknown is never good.
 */
export type SampleClass = 'good' | 'bad' | 'error' | 'config' | 'no-data' | 'stale' | 'low-traffic';

export interface Sample {
  readonly probe: string;
  /** When the answer arrived, ISO ms, worker's clock. */
  readonly at: string;
  /** Newest underlying upstream sample, ISO ms, on the upstream's clock; null when there is none. */
  readonly sourceAt: string | null;
  readonly value: number | null;
  readonly class: SampleClass;
  readonly latencyMs: number;
  /** Why it is not good or bad, or the upstream's warning. */
  readonly note: string | null;
}

/** What a probe read, before it is judged. */
export interface Reading {
  readonly value: number | null;
  readonly sourceAt: string | null;
  /** When the upstream answered, on its own clock: `sourceAt` is as old as lies between. Absent where it does not say. */
  readonly answeredAt?: string;
  readonly events: number | null;
  readonly problem: { readonly class: 'error' | 'config' | 'no-data' | 'stale'; readonly note: string } | null;
}

export function isDecided(sample: Pick<Sample, 'class'>): boolean {
  return sample.class === 'good' || sample.class === 'bad';
}

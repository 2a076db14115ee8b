/** One cumulative bucket: how many observations were at most `le`. */
export interface Bucket {
  readonly le: number;
  readonly count: number;
}

/** `beyond`: it lies above the highest finite bound, which is all that is known of it. */
export interface Quantile {
  readonly value: number;
  readonly beyond: boolean;
}

/**
 * What Prometheus's `histogram_quantile` says of these buckets: linear inside a bucket, the highest finite bound for what
 * lies beyond all of them. null without observations, without a bucket that holds all of them, or where one is no count.
 */
export function histogramQuantile(quantile: number, buckets: readonly Bucket[]): Quantile | null {
  if (buckets.some(({ le, count }) => Number.isNaN(le) || !Number.isFinite(count))) return null;
  const sorted = buckets.toSorted((a, b) => a.le - b.le);
  const all = sorted.at(-1);
  if (all === undefined || all.le !== Infinity || all.count <= 0 || sorted.length < 2) return null;
  const rank = quantile * all.count;
  const index = sorted.findIndex(({ count }) => count >= rank);
  const bucket = sorted[index]!;
  if (bucket.le === Infinity) return { value: sorted.at(-2)!.le, beyond: true };
  const below = sorted[index - 1] ?? { le: Math.min(0, bucket.le), count: 0 };
  const inside = bucket.count - below.count;
  const value = inside <= 0 ? bucket.le : below.le + (bucket.le - below.le) * ((rank - below.count) / inside);
  return { value, beyond: false };
}

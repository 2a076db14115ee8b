/** Fewer trials than this say nothing about one in a hundred. */
const trialsForP99 = 100;

export interface Statistics {
  readonly trials: number;
  readonly min: number;
  readonly median: number;
  /** Nearest rank. Null with fewer than 100 trials: the maximum is all that they tell. */
  readonly p99: number | null;
  readonly max: number;
}

/** Null when there is nothing to describe. */
export function describeSamples(samples: readonly number[]): Statistics | null {
  const sorted = [...samples].sort((a, b) => a - b);
  const [min, max] = [sorted.at(0), sorted.at(-1)];
  if (min === undefined || max === undefined) return null;
  const trials = sorted.length;
  const middle = trials / 2;
  return {
    trials,
    min,
    median: ((sorted[Math.ceil(middle) - 1] ?? min) + (sorted[Math.floor(middle)] ?? max)) / 2,
    p99: trials < trialsForP99 ? null : (sorted[Math.ceil(0.99 * trials) - 1] ?? max),
    max,
  };
}

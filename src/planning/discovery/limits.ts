const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/** What a share of failures must stay below: room to double from what it is now, and never less than 1 %. */
export function errorLimit(now: number): number {
  return steps.find((step) => step >= 2 * now) ?? 0.5;
}

/**
 * Where a run must stop: well beyond the hypothesis, and beyond the share that one lost instance serves, so that a broken
 * hypothesis is seen through before the run is cut short.
 */
export function abortLimit(hypothesisLimit: number, instances: number): number {
  const least = Math.max(10 * hypothesisLimit, 1.5 / Math.max(1, instances));
  return steps.find((step) => step >= least) ?? 0.5;
}

/** `< 1%`. */
export function belowShare(share: number): string {
  return `< ${Number((share * 100).toPrecision(6))}%`;
}

/** `< 250ms`, `< 2.5s`. */
export function belowSeconds(seconds: number): string {
  return seconds < 1 ? `< ${Number((seconds * 1000).toPrecision(6))}ms` : `< ${Number(seconds.toPrecision(6))}s`;
}

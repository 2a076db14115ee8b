/** One measured time over a link; `elapsedMs` is null when nothing came back in time. `echo`: to the relay's own; `connect`: a connection opens. */
export interface RoundTrip {
  readonly via: 'http' | 'echo' | 'connect';
  readonly elapsedMs: number | null;
}

/** The quickest of `count`: noise only ever adds. null when none came back. */
export async function quickest(count: number, measure: () => Promise<number | null>): Promise<number | null> {
  let best: number | null = null;
  for (let i = 0; i < count; i += 1) {
    const elapsedMs = await measure();
    if (elapsedMs !== null) best = best === null ? elapsedMs : Math.min(best, elapsedMs);
  }
  return best;
}

/** The first of up to `count` that is slow enough, or the last: a delay with jitter may now and then add little. */
export async function firstSlow(
  count: number,
  isSlow: (elapsedMs: number) => boolean,
  measure: () => Promise<RoundTrip>,
): Promise<RoundTrip> {
  const found = await measure();
  if (count <= 1 || (found.elapsedMs !== null && isSlow(found.elapsedMs))) return found;
  return firstSlow(count - 1, isSlow, measure);
}

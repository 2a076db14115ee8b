/**
 * Milliseconds of the quickest of a few calls: one that a busy machine holds up says nothing, and what is slowed is slow each time. A
 * call that failed (null) is never the quickest.
 */
export async function quickestMs(call: () => Promise<number | null>): Promise<number> {
  let least = Infinity;
  for (let calls = 0; calls < 5; calls += 1) least = Math.min(least, (await call()) ?? Infinity);
  return least;
}

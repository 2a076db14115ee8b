/** From the first to the last. NaN when one of them is not known: never a guess. */
export function spreadOf(times: readonly number[]): number {
  return Math.max(...times) - Math.min(...times);
}

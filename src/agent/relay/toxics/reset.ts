/**
 * Whether the n-th connection (from 1) is one of those to reset. Spread evenly and not drawn, so that a share is kept from the
 * first connections on and can be proven by few: the first is always one of them, and with 25 % each fourth after it.
 */
export function resetsNth(n: number, ratio: number): boolean {
  // The small amount keeps 3 × (1/3) from counting as a little more than 1.
  const upTo = (count: number): number => Math.ceil(count * ratio - 1e-9);
  return upTo(n) > upTo(n - 1);
}

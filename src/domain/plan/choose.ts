/** A small seeded generator (mulberry32): the same seed gives the same numbers from 0 to 1 on every machine. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Amount = { readonly count: number } | { readonly ratio: number };

/** How many members a share of them is: rounded down, and at least one. */
export function countOf(amount: Amount, of: number): number {
  // The small addition keeps 0.29 × 100 from being 28.999…
  return 'count' in amount ? amount.count : Math.max(1, Math.floor(amount.ratio * of + 1e-9));
}

/** An amount as people read it, with its rounding: `2`, or `30 % = 1.8, rounded down to 1`. */
export function amountText(amount: Amount, of: number): string {
  if ('count' in amount) return String(amount.count);
  const exact = Math.round(amount.ratio * of * 100) / 100;
  const count = countOf(amount, of);
  const percent = `${Math.round(amount.ratio * 1000) / 10} %`;
  if (exact === count) return percent;
  return exact > count ? `${percent} = ${exact}, rounded down to ${count}` : `${percent} = ${exact}, raised to 1`;
}

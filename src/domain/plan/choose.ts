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

/** `count` of the items, every set equally likely, the same for the same seed; in the order they were given. */
export function choose<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = seededRandom(seed);
  const order = items.map((item, index) => ({ item, index, draw: random() }));
  return order
    .toSorted((a, b) => a.draw - b.draw || a.index - b.index)
    .slice(0, count)
    .toSorted((a, b) => a.index - b.index)
    .map(({ item }) => item);
}

/** How many members a share of them is: rounded down, and at least one. */
export function countOf(amount: { readonly count: number } | { readonly ratio: number }, of: number): number {
  // The small addition keeps 0.29 × 100 from being 28.999…
  return 'count' in amount ? amount.count : Math.max(1, Math.floor(amount.ratio * of + 1e-9));
}

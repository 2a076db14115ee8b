/** ` Did you mean "hold"?` when one of the known names is a small slip away; else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const slips = known.map((name) => ({ name, distance: editDistance(written.toLowerCase(), name.toLowerCase()) }));
  const nearest = slips.toSorted((a, b) => a.distance - b.distance)[0];
  if (nearest === undefined || nearest.distance > Math.max(1, Math.floor(nearest.name.length / 3))) return '';
  return ` Did you mean "${nearest.name}"?`;
}

/** Insertions, removals, changes and swaps of neighbours that lead from one text to the other. */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swap = swapped ? (beforePrevious[column - 2] ?? Infinity) + 1 : Infinity;
      current.push(Math.min(change, swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length] ?? 0;
}

/** ` Did you mean "hold"?` when one of the known names is a small slip away; else nothing. */
export function didYouMean(written: string, known: readonly string[]): string {
  const nearest = slipsOf(written, known)[0];
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}

/** The one known name that a slip leads to; null when there is none, or more than one. */
export function onlySlip(written: string, known: readonly string[]): string | null {
  const slips = slipsOf(written, known);
  return slips.length === 1 ? (slips[0] ?? null) : null;
}

/** Known names that are a small slip away, nearest first. */
function slipsOf(written: string, known: readonly string[]): readonly string[] {
  return known
    .map((name) => ({ name, distance: editDistance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
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

import type { Figure } from '../blocks.ts';

/** The same drawing for paper and desk, and for a phone. */
export async function figureOf(
  id: string,
  words: { readonly title: string; readonly alternative: string },
  draw: (id: string, narrow: boolean) => Promise<string>,
): Promise<Figure> {
  const [wideSvg, narrowSvg] = await Promise.all([draw(`${id}-wide`, false), draw(`${id}-narrow`, true)]);
  return { type: 'figure', ...words, wideSvg, narrowSvg };
}

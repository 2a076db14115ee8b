import { amountText, countOf } from './choose.ts';
import type { Amount } from './choose.ts';

/** How many targets each stage adds, and the words for it; or why these are no stages. */
export type Stages = { readonly adds: readonly number[]; readonly text: string } | { readonly problem: string };

/**
 * Each amount is how many there are in all once its stage is released: 1, then 2, then 3. Shares of few members may be the same
 * number of them: a stage that adds nothing would test nothing.
 */
export function stagesOf(amounts: readonly Amount[], of: number): Stages {
  const counts = amounts.map((amount) => countOf(amount, of));
  const words = amounts.map((amount) => amountText(amount, of));
  const flat = counts.findIndex((count, index) => index > 0 && count <= counts[index - 1]!);
  if (flat !== -1) {
    return {
      problem: `stage ${flat + 1} (${words[flat]}) is ${counts[flat]} of ${of}, no more than the stage before it (${words[flat - 1]}). Each stage must add a target: write counts, or fewer stages`,
    };
  }
  return { adds: counts.map((count, index) => count - (counts[index - 1] ?? 0)), text: words.join(', then ') };
}

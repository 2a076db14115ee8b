import { seededRandom } from './choose.ts';
import type { Candidate } from './survey.ts';

/** How members are chosen where nobody names them. */
export const strategies = ['random', 'one-per-node', 'one-zone', 'oldest'] as const;
export type Strategy = (typeof strategies)[number];

/** In the order in which they were drawn, or why there are not so many. */
export type Drawn = { readonly drawn: readonly Candidate[] } | { readonly problem: string };

/** Exactly `count` of the candidates, the same for the same seed. */
export function draw(strategy: Strategy, candidates: readonly Candidate[], count: number, seed: number): Drawn {
  const random = seededRandom(seed);
  const shuffled = shuffle(candidates, random);
  switch (strategy) {
    case 'random':
      return first(shuffled, count, 'there');
    case 'oldest':
      return first(candidates.toSorted(byAge), count, 'there');
    case 'one-per-node': {
      const nodes = shuffle([...Map.groupBy(shuffled, (candidate) => placeOf(candidate, 'node')).values()], random);
      return first(
        nodes.flatMap(([one]) => one ?? []),
        count,
        'on nodes of their own',
      );
    }
    case 'one-zone': {
      const zones = shuffle([...Map.groupBy(shuffled, (candidate) => placeOf(candidate, 'zone')).values()], random);
      const [largest = []] = zones.toSorted((a, b) => b.length - a.length);
      return first(zones.find((members) => members.length >= count) ?? largest, count, 'in one zone');
    }
  }
}

function first(candidates: readonly Candidate[], count: number, where: string): Drawn {
  if (count <= candidates.length) return { drawn: candidates.slice(0, count) };
  return { problem: `${candidates.length} ${candidates.length === 1 ? 'is' : 'are'} ${where}` };
}

/** Every order is equally likely. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item, index) => ({ item, index, draw: random() }))
    .toSorted((a, b) => a.draw - b.draw || a.index - b.index)
    .map(({ item }) => item);
}

function byAge(a: Candidate, b: Candidate): number {
  const [one, other] = [a.createdAt ?? '', b.createdAt ?? ''];
  return one < other ? -1 : one > other ? 1 : a.target.name < b.target.name ? -1 : 1;
}

function placeOf({ target }: Candidate, key: 'node' | 'zone'): string {
  const place = target.locator[key];
  return typeof place === 'string' ? place : '';
}

import type { Selector } from '../../../domain/plan/selector.ts';
import type { Survey } from '../../../domain/plan/survey.ts';
import { neighbourOf, nodeCandidate, nodeUnfitness } from './nodes.ts';
import { zoneLabel } from './objects.ts';
import type { ClusterReads } from './reads.ts';

export async function surveyNodes({ node, zone }: Extract<Selector, { kind: 'node' }>, reads: ClusterReads): Promise<Survey> {
  const all = (await reads.nodes()).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const meant = all.filter(
    ({ metadata }) => (node === null || metadata.name === node) && (zone === null || metadata.labels?.[zoneLabel] === zone),
  );
  const fit = meant.filter((found) => nodeUnfitness(found) === null);
  const neighbours = await Promise.all(
    fit.map(async ({ metadata: { name } }) => (await reads.podsOnNode(name)).map((pod) => neighbourOf(name, pod))),
  );
  return {
    candidates: fit.map(nodeCandidate),
    aside: meant.flatMap((found) => {
      const why = nodeUnfitness(found);
      return why === null ? [] : [{ name: found.metadata.name, why }];
    }),
    expected: 0,
    counts: 'nodes',
    well: all.filter((found) => nodeUnfitness(found) === null).length,
    budgets: [],
    neighbours: neighbours.flat(),
  };
}

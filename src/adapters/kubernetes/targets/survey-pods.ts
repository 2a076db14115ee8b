import type { JsonObject } from '../../../domain/json.ts';
import { excludeAnnotation, isExcluded } from '../../../domain/plan/exclusion.ts';
import type { TargetRef } from '../../../domain/plan/plan.ts';
import type { Candidate, Survey } from '../../../domain/plan/survey.ts';
import type { KubernetesService } from '../services.ts';
import { isCritical, matches } from './objects.ts';
import type { Pod } from './objects.ts';
import { podLocator, unfitness } from './pods.ts';
import type { ClusterReads } from './reads.ts';
import { podsOfService, wantedPods, workloadOf } from './workloads.ts';

export interface FoundPod {
  readonly name: string;
  readonly uid: string;
  readonly locator: JsonObject;
  readonly pod: Pod;
}

export async function surveyPods(
  name: string,
  service: KubernetesService,
  reads: ClusterReads,
  targetOf: (pod: FoundPod) => Promise<TargetRef>,
): Promise<Survey> {
  const { namespace } = service;
  const [pods, replicaSets, nodes, budgets, workload] = await Promise.all([
    reads.pods(namespace),
    reads.replicaSets(namespace),
    reads.nodes(),
    reads.budgets(namespace),
    workloadOf(name, service, reads),
  ]);
  const ours = podsOfService(name, service, { pods, replicaSets, workload }).toSorted((a, b) =>
    a.metadata.name < b.metadata.name ? -1 : 1,
  );
  const whyNot = (pod: Pod): string | null =>
    unfitness(pod) ?? (isExcluded(pod) ? `is excluded by its annotation ${excludeAnnotation}` : null);
  const well = ours.filter((pod) => unfitness(pod) === null);
  const fit = well.filter((pod) => !isExcluded(pod));
  const candidates = await Promise.all(
    fit.map(async (pod): Promise<Candidate> => {
      const locator = podLocator(pod, { nodes, replicaSets }, service);
      const { name, uid = '', creationTimestamp } = pod.metadata;
      const target = await targetOf({ name, uid, locator, pod });
      return { target, createdAt: creationTimestamp ?? null, critical: isCritical(pod) };
    }),
  );
  return {
    candidates,
    aside: ours.flatMap((pod) => {
      const why = whyNot(pod);
      return why === null ? [] : [{ name: pod.metadata.name, why }];
    }),
    expected: workload === null ? 0 : wantedPods(workload),
    counts: 'members',
    well: well.length,
    budgets: budgets
      .map(({ metadata, spec, status }) => ({
        name: metadata.name,
        allowed: status?.observedGeneration === metadata.generation ? (status?.disruptionsAllowed ?? null) : null,
        covers: fit.filter((pod) => matches(spec.selector, pod.metadata.labels)).map((pod) => pod.metadata.uid ?? ''),
      }))
      .filter(({ covers }) => covers.length > 0),
    neighbours: [],
  };
}

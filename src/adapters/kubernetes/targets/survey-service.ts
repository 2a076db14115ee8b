import type { JsonObject } from '../../../domain/json.ts';
import { excludeAnnotation, isExcluded, isExcludedWorkload } from '../../../domain/plan/exclusion.ts';
import type { TargetRef } from '../../../domain/plan/plan.ts';
import type { Selector } from '../../../domain/plan/selector.ts';
import { plainSurvey } from '../../../domain/plan/survey.ts';
import type { Survey } from '../../../domain/plan/survey.ts';
import type { KubernetesService } from '../services.ts';
import { destinationOf } from './links.ts';
import { isCritical } from './objects.ts';
import type { Workload } from './objects.ts';
import type { ClusterReads } from './reads.ts';
import { surveyPods } from './survey-pods.ts';
import { volumeAt } from './volumes.ts';
import { podsOfService, wantedPods, workloadOf, workloadRef } from './workloads.ts';

type ServiceSelector = Exclude<Selector, { kind: 'node' }>;

/** Whatever a selector of a service fits. A link or a volume is one target per pod. */
export async function surveyService(selector: ServiceSelector, service: KubernetesService, reads: ClusterReads): Promise<Survey> {
  const target = (kind: TargetRef['kind'], name: string, uid: string, locator: JsonObject): TargetRef => ({
    kind,
    service: selector.service,
    name,
    uid,
    locator,
  });
  const { namespace } = service;
  switch (selector.kind) {
    case 'member':
      return surveyPods(selector.service, service, reads, async ({ name, uid, locator }) => target('pod', name, uid, locator));
    case 'link': {
      const links = service.links.filter(({ to }) => to === selector.to);
      const found = await Promise.all(
        links.map(async (link) => ({ link, ...(await destinationOf(selector.service, service, link, reads)) })),
      );
      if (found.length === 0) return plainSurvey([], 0, 'nothing');
      return surveyPods(selector.service, service, reads, async (pod) => {
        const { link, ...destination } = found[0]!;
        return target('link', `${pod.name}/${link.name}`, pod.uid, { ...pod.locator, to: selector.to, ...destination });
      });
    }
    case 'volume': {
      const volume = service.volumes.find(({ name }) => name === selector.volume);
      if (volume === undefined) return plainSurvey([], 0, 'nothing');
      return surveyPods(selector.service, service, reads, async ({ name, uid, locator, pod }) => {
        const { container } = locator;
        const at = volumeAt(pod, typeof container === 'string' ? container : null, volume.path);
        return target('volume', `${name}/${volume.name}`, uid, { ...locator, ...at });
      });
    }
    case 'workload': {
      const found = await workloadOf(selector.service, service, reads);
      if (found === null || service.workload === undefined) return plainSurvey([], 0, 'nothing');
      const { kind, resource, name } = workloadRef(service.workload);
      const locator = { namespace, apiVersion: 'apps/v1', kind, resource, name, replicas: wantedPods(found) };
      const uid = found.metadata.uid ?? '';
      const survey = plainSurvey([target('workload', name, uid, locator)], 1, 'nothing');
      // What is done to it is done to its pods: to how many at once, its own controller says.
      const pods = await surveyPods(selector.service, service, reads, async (pod) =>
        target('pod', pod.name, pod.uid, pod.locator),
      );
      const why = await exclusionOf(found, selector.service, service, reads);
      if (why !== null) return { ...survey, candidates: [], aside: [{ name, why }] };
      const critical = isCritical(found) || isCritical({ metadata: { name, ...found.spec.template?.metadata } });
      return {
        ...survey,
        candidates: survey.candidates.map((one) => ({
          ...one,
          critical: critical || pods.candidates.some((pod) => pod.critical),
        })),
        budgets: pods.budgets.map((budget) => ({ ...budget, covers: [uid] })),
      };
    }
    case 'config': {
      const config = service.configs.find(({ name }) => name === selector.config);
      const name = config?.configMap ?? config?.secret;
      if (config === undefined || name === undefined) return plainSurvey([], 0, 'nothing');
      const resource = config.configMap === undefined ? 'secrets' : 'configmaps';
      const found = await reads.config(resource, namespace, name);
      const locator = { namespace, apiVersion: 'v1', resource, name };
      return plainSurvey(found === null ? [] : [target('config', config.name, found.metadata.uid ?? '', locator)], 1, 'nothing');
    }
    case 'postgres':
    case 'redis': {
      const { kind } = selector;
      const wanted = selector.kind === 'postgres' ? selector.postgres : selector.redis;
      const found = service[kind].filter(({ name }) => name === wanted);
      return plainSurvey(
        found.map(({ name, connection }) => target(kind, name, connection, { connection, namespace })),
        0,
        'nothing',
      );
    }
  }
}

/** Why a workload is no target; null when it is one. Who excludes one of its pods excludes what is done to all of them. */
async function exclusionOf(
  workload: Workload,
  name: string,
  service: KubernetesService,
  reads: ClusterReads,
): Promise<string | null> {
  if (isExcludedWorkload(workload)) return `is excluded by its annotation ${excludeAnnotation}`;
  const [pods, replicaSets] = await Promise.all([reads.pods(service.namespace), reads.replicaSets(service.namespace)]);
  const pod = podsOfService(name, service, { pods, replicaSets, workload }).find(isExcluded);
  return pod === undefined ? null : `has pod ${pod.metadata.name}, which is excluded by its annotation ${excludeAnnotation}`;
}

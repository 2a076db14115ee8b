import type { Selector } from '../../domain/plan/selector.ts';
import { plainSurvey } from '../../domain/plan/survey.ts';
import type { Survey } from '../../domain/plan/survey.ts';
import type { KubeApi } from '../../ports/kubernetes.ts';
import type { Platform } from '../../ports/platform.ts';
import type { KubernetesServices } from './services.ts';
import { problemIn } from './targets/problems.ts';
import { createReads } from './targets/reads.ts';
import { surveyNodes } from './targets/survey-nodes.ts';
import { surveyService } from './targets/survey-service.ts';

/** Services whose members are pods. Reads only, and few: one list per kind and namespace. */
export function kubernetesPlatform(services: KubernetesServices, api: KubeApi): Platform {
  const reads = createReads(api);
  const survey = (selector: Selector): Promise<Survey> => {
    if (selector.kind === 'node') return surveyNodes(selector, reads);
    const service = services[selector.service];
    return service === undefined ? Promise.resolve(plainSurvey([], 0, 'nothing')) : surveyService(selector, service, reads);
  };
  return {
    survey,
    resolve: async (selector) => (await survey(selector)).candidates.map(({ target }) => target),
    problemWith: (target) => problemIn(target, reads),
  };
}

import { expect, test } from '@jest/globals';
import { surveyService } from '../../../src/adapters/kubernetes/targets/survey-service.ts';
import type { Pod, Workload } from '../../../src/adapters/kubernetes/targets/objects.ts';
import type { ClusterReads } from '../../../src/adapters/kubernetes/targets/reads.ts';
import type { KubernetesService } from '../../../src/adapters/kubernetes/services.ts';
import { limitProblems } from '../../../src/domain/plan/limits.ts';
import type { Survey } from '../../../src/domain/plan/survey.ts';

const service = {
  namespace: 'shop',
  workload: 'deployment/web',
  links: [],
  volumes: [],
  configs: [],
  postgres: [],
  redis: [],
} as unknown as KubernetesService;
const limits = { maxPercent: 50, maxCount: null, minHealthy: 1, maxPerNode: null, maxPerZone: null };

interface Shop {
  readonly tier?: string;
  readonly allowedNow?: number;
  readonly excluded?: 'the workload' | 'its template' | 'one pod';
}

/** A Deployment with two pods and a budget, as the API has them. */
async function survey({ tier, allowedNow = 1, excluded }: Shop): Promise<Survey> {
  const saysSo = (one: Shop['excluded']) => (one === excluded ? { annotations: { 'firedrill.dev/exclude': 'true' } } : {});
  const labels: Record<string, string> = { app: 'web', ...(tier === undefined ? {} : { tier }) };
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [] };
  const pods = ['web-a', 'web-b'].map((name) => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'rs', controller: true }];
    const annotated = name === 'web-b' ? saysSo('one pod') : {};
    return {
      metadata: { name, uid: name, namespace: 'shop', labels, ownerReferences, ...annotated },
      spec: { containers: [] },
      status,
    };
  });
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'web', controller: true }];
  const reads: Partial<ClusterReads> = {
    pods: async () => pods as unknown as Pod[],
    replicaSets: async () => [{ metadata: { name: 'web-1', uid: 'rs', ownerReferences } }],
    nodes: async () => [],
    budgets: async () => [
      {
        metadata: { name: 'web', generation: 1 },
        spec: { selector: { matchLabels: { app: 'web' } } },
        status: { disruptionsAllowed: allowedNow, observedGeneration: 1 },
      },
    ],
    workload: async () =>
      ({
        metadata: { name: 'web', uid: 'web', ...saysSo('the workload') },
        spec: { replicas: 2, template: { metadata: saysSo('its template') } },
        status: {},
      }) as Workload,
  };
  return surveyService({ kind: 'workload', service: 'web' }, service, reads as ClusterReads);
}

async function problems(shop: Shop): Promise<string[]> {
  const found = await survey(shop);
  const targets = found.candidates.map(({ target }) => target);
  expect(targets).toMatchObject([{ kind: 'workload', name: 'web', locator: { replicas: 2 } }]);
  const impact = {
    what: 'web',
    environment: 'lab',
    targets,
    disrupted: targets,
    survey: found,
    allowed: { all: false, critical: false },
  };
  return limitProblems(impact, limits, 'firedrill');
}

test('a workload whose pods its budget can spare may be disrupted', async () => {
  expect(await problems({})).toEqual([]);
});

test('a workload whose budget spares no pod now is refused, by the name of the budget', async () => {
  expect(await problems({ allowedNow: 0 })).toEqual([
    expect.stringContaining('PodDisruptionBudget web allows 0 disruption(s) now'),
  ]);
});

test('a workload of critical pods needs more approval', async () => {
  expect(await problems({ tier: 'critical' })).toEqual([expect.stringContaining('web is of tier=critical')]);
});

test.each<[NonNullable<Shop['excluded']>, string]>([
  ['the workload', 'is excluded by its annotation'],
  ['its template', 'is excluded by its annotation'],
  ['one pod', 'has pod web-b, which is excluded by its annotation'],
])('a workload is no target where %s says firedrill.dev/exclude', async (excluded, why) => {
  expect(await survey({ excluded })).toMatchObject({
    candidates: [],
    aside: [{ name: 'web', why: expect.stringContaining(why) }],
  });
});

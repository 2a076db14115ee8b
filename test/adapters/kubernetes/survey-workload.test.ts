import { expect, test } from '@jest/globals';
import { surveyService } from '../../../src/adapters/kubernetes/targets/survey-service.ts';
import type { Pod, Workload } from '../../../src/adapters/kubernetes/targets/objects.ts';
import type { ClusterReads } from '../../../src/adapters/kubernetes/targets/reads.ts';
import type { KubernetesService } from '../../../src/adapters/kubernetes/services.ts';
import { limitProblems } from '../../../src/domain/plan/limits.ts';

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

/** A Deployment with two pods and a budget, as the API has them. */
async function problems({ tier, allowedNow = 1 }: { tier?: string; allowedNow?: number }): Promise<string[]> {
  const labels: Record<string, string> = { app: 'web', ...(tier === undefined ? {} : { tier }) };
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [] };
  const pods = ['web-a', 'web-b'].map((name) => {
    const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'rs', controller: true }];
    return { metadata: { name, uid: name, namespace: 'shop', labels, ownerReferences }, spec: { containers: [] }, status };
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
    workload: async () => ({ metadata: { name: 'web', uid: 'web' }, spec: { replicas: 2 }, status: {} }) as Workload,
  };
  const survey = await surveyService({ kind: 'workload', service: 'web' }, service, reads as ClusterReads);
  const targets = survey.candidates.map(({ target }) => target);
  expect(targets).toMatchObject([{ kind: 'workload', name: 'web', locator: { replicas: 2 } }]);
  const impact = {
    what: 'web',
    environment: 'lab',
    targets,
    disrupted: targets,
    survey,
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

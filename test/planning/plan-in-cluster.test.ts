import { describe, expect, test } from '@jest/globals';
import type { Plan, TargetRef } from '../../src/domain/plan/plan.ts';
import type { Survey } from '../../src/domain/plan/survey.ts';
import { createPlan, planHash } from '../../src/planning/create-plan.ts';
import { loadEnvironment } from '../../src/planning/load-environment.ts';
import { renderPlan } from '../../src/planning/render-plan.ts';
import { findSpec, loadWorkspace } from '../../src/planning/workspace.ts';
import type { MetricsSource } from '../../src/ports/metrics.ts';
import { candidate, pod } from '../domain/plan/pods.ts';
import type { PodPlace } from '../domain/plan/pods.ts';
import { experiment, faults, filesOf, hypothesis } from '../spec/workspace-fixture.ts';
import { fakePlatform } from './fake-platform.ts';

const environment = `apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: staging }
spec:
  platform: kubernetes
  prometheus: { url: 'http://127.0.0.1:9090' }
  temporal: { address: '127.0.0.1:7233' }
  archive: ./runs
  traffic: { requests: 'sum by (pod) (rate(http_requests_total[1m]))' }
  services:
    payments-api: { namespace: payments, workload: deployment/payments-api }
`;

const six: readonly (readonly [string, PodPlace])[] = [
  ['p0', { node: 'w1', zone: 'a' }],
  ['p1', { node: 'w1', zone: 'a' }],
  ['p2', { node: 'w2', zone: 'b' }],
  ['p3', { node: 'w2', zone: 'b' }],
  ['p4', { node: 'w3', zone: 'c' }],
  ['p5', { node: 'w3', zone: 'c' }],
];

const rates = (of: Readonly<Record<string, number>>): Pick<MetricsSource, 'instant'> => ({
  instant: async () => ({
    warnings: [],
    series: Object.entries(of).map(([pod, rate]) => ({ labels: { pod }, points: [[1, rate]] })),
  }),
});

interface Given {
  readonly fault?: string;
  readonly around?: Partial<Survey>;
  readonly there?: readonly TargetRef[];
  readonly metrics?: Pick<MetricsSource, 'instant'>;
  readonly hold?: string;
}

async function plan(
  target: string,
  { fault = 'pod-kill', around = {}, there, metrics, hold = '40s' }: Given = {},
): Promise<Plan> {
  const files = filesOf({
    'experiments/slow.yaml': experiment
      .replace('fault: network-latency', `fault: ${fault}`)
      .replace('{ service: payments-api, to: fraud-detector }', target)
      .replace('{ delay: 800ms }', fault === 'network-latency' ? '{ delay: 800ms }' : '{}')
      .replace('40s', hold),
    'hypotheses/survive.yaml': hypothesis,
    'staging.yaml': environment,
  });
  const workspace = await loadWorkspace(['experiments', 'hypotheses'], { files, faults });
  expect(workspace.problems).toEqual([]);
  const candidates = six.map(([name, place]) => candidate(name, place));
  const survey = there === undefined ? { candidates, expected: 6, well: 6, counts: 'members' as const } : {};
  return createPlan({
    experiment: findSpec(workspace, 'Experiment', 'slow'),
    environment: await loadEnvironment('staging.yaml', files),
    workspace,
    platform: fakePlatform(there ?? [], { ...survey, ...around }),
    faults,
    seed: 42,
    ...(metrics === undefined ? {} : { metrics }),
  });
}

const refused = (code: string, message: string) => ({ code, message: expect.stringContaining(message) });

describe('a plan for a cluster', () => {
  test('says who carries each fault out, and which faults end pods', async () => {
    const [kill] = (await plan('{ service: payments-api }')).steps;
    expect(kill).toMatchObject({ agent: 'cluster', disrupts: true, target: { kind: 'pod' } });
    const [stress] = (await plan('{ service: payments-api }', { fault: 'cpu-stress' })).steps;
    expect(stress).toMatchObject({ agent: 'node', target: { kind: 'container' } });
    expect(stress).not.toHaveProperty('disrupts');
  });

  test('takes a service as what makes its pods, for a fault that acts on that', async () => {
    const workload: TargetRef = {
      kind: 'workload',
      service: 'payments-api',
      name: 'payments-api',
      uid: 'u',
      locator: { namespace: 'payments' },
    };
    const made = await plan('{ service: payments-api }', { fault: 'scale', there: [workload] });
    expect(made.steps[0]?.target).toEqual(workload);
  });

  test('spreads its stages over nodes, each adding to the ones before', async () => {
    const { steps, stageSeconds } = await plan('{ service: payments-api, stages: [1, 2, 3], strategy: one-per-node }');
    expect(steps.map(({ stage, ordinal }) => [stage, ordinal])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(new Set(steps.map(({ target }) => target.locator['node'])).size).toBe(3);
    expect(steps[0]?.selection.rule).toBe('3 of 6 payments-api (1, then 2, then 3; one-per-node), seed 42');
    expect(stageSeconds).toBe(60);
  });

  test('takes those that are named, and says so', async () => {
    const { steps } = await plan('{ service: payments-api, names: [p4, p1] }');
    expect(steps.map(({ target }) => target.name)).toEqual(['p4', 'p1']);
    expect(steps[0]?.selection.rule).toBe('2 of 6 payments-api, by name');
  });

  test('says what stays, what the budgets allow, and how much traffic it touches', async () => {
    const made = await plan('{ service: payments-api, names: [p0, p2] }', {
      around: { budgets: [{ name: 'payments-api', allowed: 2, covers: ['uid-p0', 'uid-p1'] }] },
      metrics: rates({ p0: 10, p1: 10, p2: 20, p3: 20, p4: 20, p5: 20 }),
    });
    expect(made.surroundings).toEqual([
      {
        step: 1,
        stays: ['p1', 'p3', 'p4', 'p5'].map((name) => expect.objectContaining({ name })),
        aside: [],
        budgets: [{ name: 'payments-api', allowed: 2, hit: 1 }],
        neighbours: [],
        traffic: { share: 0.3 },
      },
    ]);
    const text = renderPlan(made);
    expect(text).toContain('stays well   p1 (w1, zone a), p3 (w2, zone b)');
    expect(text).toContain('PodDisruptionBudget payments-api: 2 may go now, 1 of its pods is a target');
    expect(text).toContain('30 % of its requests go to the targets now');
    expect(text).toContain('kubectl -n firedrill create configmap firedrill-halt');
  });

  test('does not guess traffic that nobody counts', async () => {
    const { surroundings } = await plan('{ service: payments-api, names: [p0] }', { metrics: rates({ p0: 10 }) });
    expect(surroundings?.[0]?.traffic).toEqual({ unknown: 'no requests are counted of p1, p2, p3, p4, p5 (label pod)' });
    const silent = await plan('{ service: payments-api, names: [p0] }', {
      metrics: { instant: () => Promise.reject(new Error('Prometheus is away')) },
    });
    expect(silent.surroundings?.[0]?.traffic).toEqual({ unknown: 'Prometheus is away' });
  });

  test('is the same plan, to its hash, whatever was seen around it', async () => {
    const one = await plan('{ service: payments-api }', { metrics: rates({ p0: 1 }) });
    const two = await plan('{ service: payments-api }', { around: { aside: [{ name: 'p6', why: 'is not ready' }] } });
    expect(two.hash).toBe(one.hash);
    expect(planHash(one)).toBe(one.hash);
  });
});

describe('a plan for a cluster is refused', () => {
  test('when nobody there carries the fault out', async () => {
    await expect(plan('{ service: payments-api }', { fault: 'process-kill' })).rejects.toMatchObject(
      refused('spec/invalid', 'process-kill acts on hosts only, and environment staging is a cluster'),
    );
  });

  test('when nothing is there, with what is and why it is no target', async () => {
    const around = { candidates: [], aside: [{ name: 'p0', why: 'is being deleted' }] };
    await expect(plan('{ service: payments-api }', { around })).rejects.toMatchObject(
      refused('target/none', 'nothing of payments-api is there now in environment staging (p0 is being deleted)'),
    );
  });

  test('when it names what is not there', async () => {
    const around = { aside: [{ name: 'p9', why: 'is not ready' }] };
    await expect(plan('{ service: payments-api, names: [p9] }', { around })).rejects.toMatchObject(
      refused('target/none', 'payments-api: p9 is not ready. There are: p0, p1, p2, p3, p4, p5'),
    );
  });

  test('when its pods are in the network of their node, for an agent of the node', async () => {
    const target = pod('p0');
    const shared = { ...candidate('p0'), target: { ...target, locator: { ...target.locator, hostNetwork: true } } };
    await expect(
      plan('{ service: payments-api }', { fault: 'cpu-stress', around: { candidates: [shared] } }),
    ).rejects.toMatchObject(refused('target/none', 'p0 is in the network of its node (hostNetwork)'));
    const { steps } = await plan('{ service: payments-api }', { around: { candidates: [shared, candidate('p1')] } });
    expect(steps).toHaveLength(1);
  });

  test('when a budget would not let so many go, also where the pods are only deleted', async () => {
    const around = { budgets: [{ name: 'payments-api', allowed: 1, covers: six.map(([name]) => `uid-${name}`) }] };
    await expect(plan('{ service: payments-api, count: 2 }', { around })).rejects.toMatchObject(
      refused('plan/blast-radius', 'the PodDisruptionBudget payments-api allows 1 disruption(s) now, and this would be 2'),
    );
    expect((await plan('{ service: payments-api, count: 2 }', { fault: 'cpu-stress', around })).steps).toHaveLength(2);
  });

  test('when a strategy finds too few', async () => {
    await expect(plan('{ service: payments-api, count: 3, strategy: one-zone }')).rejects.toMatchObject(
      refused('target/none', '3 of payments-api are wanted by strategy one-zone, and 2 are in one zone'),
    );
  });

  test('when its stages together hold longer than the environment allows', async () => {
    await expect(plan('{ service: payments-api, stages: [1, 2, 3] }', { hold: '9m' })).rejects.toMatchObject(
      refused('policy/denied', 'holds its faults for 660 s, and environment staging allows 600 s'),
    );
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { examineSession } from '../../src/compose/examine-environment.ts';
import { openSession } from '../../src/compose/session.ts';
import type { Session } from '../../src/compose/session.ts';
import type { Plan } from '../../src/domain/plan/plan.ts';
import { radiusProblems } from '../../src/guards/blast-radius.ts';
import { targetProblems } from '../../src/guards/target-healthy.ts';
import { renderPlan } from '../../src/planning/render-plan.ts';
import type { KubeApi, KubeResource } from '../../src/ports/kubernetes.ts';
import { until } from '../agent/until.ts';
import { hypothesis } from '../spec/workspace-fixture.ts';
import { labApi, makeNamespace, removeNamespace } from './drill-namespace.ts';
import { budget, deployment, service } from './shop-of-one.ts';

const namespace = `plans-${process.pid}`;
const apps: KubeResource = { group: 'apps', version: 'v1', resource: 'deployments', namespace };
const pods: KubeResource = { group: '', version: 'v1', resource: 'pods', namespace };
let api: KubeApi;
let folder: string;
let session: Session;

beforeAll(async () => {
  api = await labApi();
  await makeNamespace(api, namespace);
  await api.create({ group: '', version: 'v1', resource: 'services', namespace }, service);
  await api.create({ group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', namespace }, budget);
  await api.create(apps, deployment('web', 4));
  await api.create(apps, deployment('other', 1));
  folder = mkdtempSync(join(tmpdir(), 'firedrill-plans-'));
  for (const name of ['experiments', 'hypotheses']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'hypotheses', 'survive.yaml'), hypothesis);
  writeFileSync(join(folder, 'staging.yaml'), environment());
  session = await openSession(join(folder, 'staging.yaml'));
  await until(
    () => session.platform.survey({ kind: 'member', service: 'web' }),
    ({ well, budgets }) => well === 4 && budgets[0]?.allowed === 1,
    60_000,
  );
}, 120_000);

afterAll(async () => {
  await session[Symbol.asyncDispose]();
  await removeNamespace(api, namespace);
  api.close();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const environment = (): string => `apiVersion: firedrill.dev/v1
kind: Environment
metadata: { name: plans }
spec:
  platform: kubernetes
  prometheus: { url: 'http://127.0.0.1:1' }
  temporal: { address: '127.0.0.1:1' }
  archive: ./runs
  traffic: { requests: 'sum by (pod) (rate(http_requests_total[1m]))' }
  services:
    web:
      namespace: ${namespace}
      workload: deployment/web
      links: [{ name: itself, to: web, service: web }]
`;

async function plan(fault: string, target: string, params = '{}'): Promise<Plan> {
  const file = join(folder, 'experiments', 'drill.yaml');
  writeFileSync(
    file,
    `apiVersion: firedrill.dev/v1
kind: Experiment
metadata: { name: drill }
spec:
  hypotheses: [payments-survive]
  hold: 40s
  faults: [{ fault: ${fault}, target: ${target}, params: ${params} }]
  abort: [{ probe: { name: errors, ratio: { bad: 'rate(bad[5s])', total: 'rate(all[5s])' }, must: < 50% } }]
`,
  );
  return session.plan(file, 42);
}

describe('a plan in a real cluster', () => {
  test('shows everything before anything happens', async () => {
    const made = await plan('pod-kill', '{ service: web }');
    const [{ target }] = made.steps as [Plan['steps'][number]];
    const text = renderPlan(made);
    for (const part of [target.name, target.uid, String(target.locator['node']), String(target.locator['podIP'])]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('Deployment web');
    expect(text).toContain('PodDisruptionBudget web: 1 may go now, 1 of its pods is a target');
    expect(text).toMatch(/traffic +unknown: Prometheus at/);
    expect(text).toContain('kubectl -n firedrill create configmap firedrill-halt');
    expect(made.surroundings?.[0]?.stays).toHaveLength(3);
  });

  test('is the same, to its hash, for the same seed', async () => {
    const [one, two] = [await plan('pod-kill', '{ service: web }'), await plan('pod-kill', '{ service: web }')];
    expect(two.hash).toBe(one.hash);
  });

  test('puts a link’s fault on so many callers', async () => {
    const { steps } = await plan(
      'network-latency',
      '{ service: web, to: web, count: 2, strategy: one-per-node }',
      '{ delay: 100ms }',
    );
    expect(steps.map(({ agent, target }) => [agent, target.kind])).toEqual([
      ['node', 'link'],
      ['node', 'link'],
    ]);
    expect(new Set(steps.map(({ target }) => target.locator['node'])).size).toBe(2);
  });

  test('is refused beyond a real budget', async () => {
    await expect(plan('pod-kill', '{ service: web, count: 2 }')).rejects.toMatchObject({
      code: 'plan/blast-radius',
      message: expect.stringContaining('the PodDisruptionBudget web allows 1 disruption(s) now, and this would be 2'),
    });
  });

  test('that empties a node is refused where what runs the cluster would go, and a cordon leaves it alone', async () => {
    const dns = await api.list({ ...pods, namespace: 'kube-system' }, { labelSelector: 'k8s-app=kube-dns' });
    const { nodeName } = dns.items[0]!.spec as { nodeName: string };
    await expect(plan('node-drain', `{ node: ${nodeName} }`)).rejects.toMatchObject({
      code: 'plan/blast-radius',
      message: expect.stringContaining(`kube-system/${dns.items[0]!.metadata.name} on ${nodeName}`),
    });
    expect((await plan('node-cordon', `{ node: ${nodeName} }`)).steps).toHaveLength(1);
  });
});

describe('between a plan and its release', () => {
  test('a target that was deleted stops the run, in words', async () => {
    const made = await plan('pod-kill', '{ service: web }');
    expect(await targetProblems(made.steps, session.platform)).toEqual([]);
    const { name } = made.steps[0]!.target;
    await api.delete(pods, name, { gracePeriodSeconds: 0 });
    const problems = await until(
      () => targetProblems(made.steps, session.platform),
      ([problem]) => problem !== undefined,
    );
    expect(problems[0]).toMatch(new RegExp(`${name}.*(not there any more|being deleted)`));
  });

  test('a service that was scaled down stops the run', async () => {
    await until(
      () => session.platform.survey({ kind: 'member', service: 'web' }),
      ({ well, budgets }) => well === 4 && budgets[0]?.allowed === 1,
      60_000,
    );
    const made = await plan('network-latency', '{ service: web, to: web, count: 2 }', '{ delay: 100ms }');
    expect(await radiusProblems(made, session.platform)).toEqual([]);
    await api.patch(apps, 'web', { type: 'merge', body: { spec: { replicas: 2 } } });
    // Its two pods need not go at the same moment: three are too few already.
    const problems = await until(
      () => radiusProblems(made, session.platform),
      ([problem]) => problem?.includes('of 3 web') === false,
      60_000,
    );
    expect(problems.join()).toContain('of 2 web would be every member');
  });
});

test('doctor asks the cluster for its version, the records and the rights of this user', async () => {
  // Loading Temporal's client takes a test so long that everything asked meanwhile runs out of time.
  await session.orchestrator().catch(() => null);
  const findings = new Map((await examineSession(session)).map(({ what, ...rest }) => [what, rest]));
  expect(findings.get('API server')).toMatchObject({ ok: true, text: expect.stringMatching(/Kubernetes v1\.\d+/) });
  expect(findings.get('rights')).toEqual({ ok: true, text: expect.stringMatching(/^\d+ asked for, all granted$/) });
  expect(findings.has('records')).toBe(true);
});

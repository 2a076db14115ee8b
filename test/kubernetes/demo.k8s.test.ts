import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demoDown, demoUp, type Demo } from '../../lab/kubernetes/demo/deployment.ts';
import { kubectl } from '../../lab/kubernetes/kubectl.ts';
import type { Pod } from '../../src/faults/shared/pods.ts';
import { telemetryLoss } from '../../src/faults/telemetry-loss.ts';
import { eventually } from '../lab/eventually.ts';
import { begin, finish } from './faults/acts.ts';
import { core, isReady, openSandbox, podTarget } from './faults/cluster.ts';

let demo: Demo;
/** Somebody else's demo stays: deploying it again changes nothing that is as it should be. */
let wasUp: boolean;

beforeAll(async () => {
  wasUp = (await kubectl('get', 'namespace', 'payments', '--ignore-not-found', '-o', 'name')) !== '';
  demo = await demoUp('light', () => {});
}, 420_000);

afterAll(async () => {
  if (!wasUp) await demoDown(() => {});
}, 180_000);

const replicas = ['pods', '--namespace=payments', '--selector=app.kubernetes.io/name=payments-api'];

async function query(promql: string): Promise<number | null> {
  const response = await fetch(`${demo.prometheusUrl}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const answer = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  const value = answer.data.result[0]?.value[1];
  return value === undefined ? null : Number(value);
}

test('a payment goes through the Service to a replica, fraud-detector, the pooler, the database and the audit volume', async () => {
  const response = await fetch(`${demo.paymentsUrl}/v1/payments`, { method: 'POST', body: JSON.stringify({ amount: 12 }) });
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ verdict: 'pass' });
  const dependencies = await fetch(`${demo.paymentsUrl}/health/dependencies`);
  expect(await dependencies.json()).toMatchObject({
    database: { ok: true },
    'fraud-detector': { ok: true },
    audit: { ok: true },
  });
});

test('the six replicas are two in each zone', async () => {
  const columns = '-o=jsonpath={range .items[*]}{.spec.nodeName}{"\\n"}{end}';
  const nodes = await kubectl('get', ...replicas, '--field-selector=status.phase=Running', columns);
  const perNode = Map.groupBy(nodes.trim().split('\n'), (node) => node);
  expect([...perNode.values()].map((each) => each.length)).toEqual([2, 2, 2]);
});

test('Prometheus has what customers see, kubelets, containers, the state of pods, and the database', async () => {
  await eventually(async () => {
    expect(await query('sum(rate(client_requests_total{outcome="ok"}[10s]))')).toBeGreaterThan(20);
  });
  expect(await query('count(up{job="kubelet"} == 1)')).toBeGreaterThanOrEqual(3);
  expect(await query('count(container_cpu_usage_seconds_total{namespace="payments",container="payments-api"})')).toBe(6);
  expect(await query('count(container_spec_memory_limit_bytes{namespace="payments",container="payments-api"} > 0)')).toBe(6);
  expect(await query('sum(kube_deployment_status_replicas_available{namespace="payments",deployment="payments-api"})')).toBe(6);
  expect(await query('max(db_connections_max)')).toBe(100);
  expect(await query('max(db_pool_total{service="payments-api"})')).toBeGreaterThan(0);
});

test('a pod that is deleted is missed by the alert, and another one comes', async () => {
  const [victim = ''] = (await kubectl('get', ...replicas, '-o', 'name')).split('\n');
  await kubectl('delete', victim, '--namespace=payments', '--wait=false', '--grace-period=1');
  await eventually(async () => {
    const alerts = '{alertname=~"ReplicaMissing|WorkloadDegraded"}';
    expect(await query(`count(present_over_time(ALERTS${alerts}[30s]))`)).toBeGreaterThan(0);
  });
  await eventually(async () => {
    expect(await kubectl('get', ...replicas, '-o', 'name')).not.toContain(victim);
    expect(await query('sum(kube_deployment_status_replicas_ready{namespace="payments",deployment="payments-api"})')).toBe(6);
    expect(await query('sum(up{service="payments-api"})')).toBe(6);
  }, 60_000);
});

test('a pod that telemetry-loss hides is scraped no more, and is again once it was reverted', async () => {
  const sandbox = await openSandbox();
  try {
    const labelSelector = 'app.kubernetes.io/name=payments-api';
    const { items } = await sandbox.api.list<Pod>({ ...core, resource: 'pods', namespace: 'payments' }, { labelSelector });
    const pod = items.find(isReady)!;
    const isScraped = (): Promise<number | null> => query(`count(up{instance="${pod.metadata.name}"} == 1)`);
    await eventually(async () => expect(await isScraped()).toBe(1));

    const act = await begin(telemetryLoss, podTarget(pod), {}, { cluster: sandbox.tools });
    let hiddenMs, reverted;
    try {
      await eventually(async () => expect(await isScraped()).toBeNull());
      hiddenMs = act.elapsedMs();
      // Blind is not down: it serves as before.
      expect(await query('sum(kube_deployment_status_replicas_available{namespace="payments",deployment="payments-api"})')).toBe(
        6,
      );
    } finally {
      // The demo may be somebody else's.
      reverted = await finish(act);
    }
    await eventually(async () => expect(await isScraped()).toBe(1), 40_000);
    console.log('telemetry-loss, ms:', { ...act.times, hiddenMs, ...reverted.times, seenAgainMs: reverted.elapsedMs() });
  } finally {
    await sandbox.dispose();
  }
});

test('no password is anywhere but in Secrets', async () => {
  const encoded = await kubectl('get', 'secret', 'postgres', '--namespace=data', '-o', 'jsonpath={.data.payments-password}');
  const password = Buffer.from(encoded, 'base64').toString();
  expect(password).toMatch(/^[0-9a-f]{32}$/);
  const others = await kubectl('get', 'configmaps,pods,deployments,statefulsets', '--all-namespaces', '-o', 'yaml');
  expect(others).not.toContain(password);
});

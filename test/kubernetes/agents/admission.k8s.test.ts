import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { kubeconfigAccess } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import { recordResources } from '../../../src/adapters/kubernetes/record-names.ts';
import { objectOfSpec } from '../../../src/adapters/kubernetes/record-objects.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { nodeAgentPod } from '../../../src/install/node-agent-pod.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { adminKubeconfig } from '../../../lab/kubernetes/layout.ts';
import { applyManifests, kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { specOf } from '../../agent/records.ts';
import { until } from '../../agent/until.ts';
import { labApi } from '../drill-namespace.ts';
import { inject, podTarget } from './injected.ts';
import type { Injected } from './injected.ts';
import { installAgents } from './installed-agents.ts';
import type { InstalledAgents } from './installed-agents.ts';

const namespace = `admission-${process.pid}`;
const nodesNamespace = `${namespace}-nodes`;
const shop = `${namespace}-shop`;
const records = recordResources(namespace);
const journals = recordResources(nodesNamespace).secrets;
const pods = { group: '', version: 'v1', resource: 'pods', namespace: nodesNamespace };
const opened: KubeApi[] = [];

let admin: KubeApi;
let agents: InstalledAgents;

/** The API as whoever has this account's token. */
async function withToken(account: string, ...options: readonly string[]): Promise<KubeApi> {
  const token = (await kubectl('create', 'token', account, ...options)).trim();
  const { server, ca, namespace: usual } = await kubeconfigAccess({ file: adminKubeconfig() });
  const headers = async () => ({ authorization: `Bearer ${token}` });
  const api = createKubeApi({ server, namespace: usual, headers, ...(ca === undefined ? {} : { ca }) });
  opened.push(api);
  return api;
}

beforeAll(async () => {
  admin = await labApi();
  await applyManifests(`
apiVersion: v1
kind: Namespace
metadata: { name: ${shop} }
---
apiVersion: v1
kind: Pod
metadata: { name: shop, namespace: ${shop} }
spec:
  nodeSelector: { kubernetes.io/hostname: w1 }
  terminationGracePeriodSeconds: 0
  containers:
    - name: shop
      image: ${imageReference('tools')}
      imagePullPolicy: IfNotPresent
      command: [sleep, '36000']
      resources: { requests: { cpu: 5m, memory: 8Mi }, limits: { cpu: 100m, memory: 64Mi } }
`);
  agents = await installAgents(admin, namespace, shop);
  await kubectl('-n', shop, 'wait', 'pod/shop', '--for=condition=Ready', '--timeout=60s');
});

afterAll(async () => {
  opened.forEach((api) => api.close());
  await agents.remove();
  await kubectl('delete', 'namespace', shop, '--timeout=60s');
  admin.close();
});

test('the API server finds nothing wrong with the expressions', async () => {
  // Once in each generation, and what is checked before the schema of records is told knows no record: now again.
  await until(
    () => kubectl('get', '--raw', '/openapi/v3'),
    (told) => told.includes('apis/firedrill.dev/v1'),
    60_000,
  );
  for (const auditAnnotations of [[{ key: 'again', valueExpression: "'again'" }], null]) {
    const change = JSON.stringify({ spec: { auditAnnotations } });
    const policies = `validatingadmissionpolicies -l app.kubernetes.io/instance=${namespace} -o name`.split(' ');
    const names = (await kubectl('get', ...policies)).trim().split('\n');
    await Promise.all(names.map((name) => kubectl('patch', name, '--type=merge', '--patch', change)));
  }
  const ours = ['get', 'validatingadmissionpolicies', '-l', `app.kubernetes.io/instance=${namespace}`, '-o', 'json'] as const;
  const seen = async () =>
    (JSON.parse(await kubectl(...ours)) as { items: { metadata: { generation: number }; status?: JsonObject }[] }).items;
  const isChecked = ({ metadata, status }: Awaited<ReturnType<typeof seen>>[number]): boolean =>
    status?.['observedGeneration'] === metadata.generation;
  const checked = await until(seen, (items) => items.every(isChecked), 60_000);
  expect(checked).toHaveLength(10);
  expect(checked.map(({ status }) => status?.['typeChecking'])).toEqual(checked.map(() => ({})));
});

describe('the token of a node agent', () => {
  let own: Injected;
  let thief: KubeApi;
  let podName: string;
  const elsewhere = 'test-elsewhere-0-0';
  const clusters = 'test-cluster-0-0';
  const record = (id: string, agent: 'cluster' | 'node', node: string): object => {
    const target = { kind: 'pod', service: 'shop', name: 'shop', uid: 'u', locator: { namespace: shop, node } } as const;
    return objectOfSpec(specOf({ id, runId: id.replace('-0-0', ''), agent, target }));
  };
  const ask = async (...asked: Parameters<typeof record>): Promise<void> =>
    expect(await admin.create(records.injections, record(...asked))).toMatchObject({ ok: true });
  const journalOf = (node: string) => ({
    metadata: { name: `journal-of-${node}`, annotations: { 'firedrill.dev/node': node } },
    type: 'firedrill.dev/journal',
  });

  beforeAll(async () => {
    own = await inject(agents.store, { fault: 'cpu-stress', agent: 'node', target: await podTarget(admin, shop) });
    await own.reaches('active');
    podName = (await admin.list(pods)).items[0]?.metadata.name ?? '';
    // It beats beside its work: the first beat may come after its injection is active.
    await until(
      () => admin.get(records.leases, `agent-${podName}`),
      (lease) => lease !== null,
      60_000,
    );
    thief = await withToken(
      'firedrill-node-agent',
      '-n',
      nodesNamespace,
      '--bound-object-kind=Pod',
      `--bound-object-name=${podName}`,
    );
    await ask(elsewhere, 'node', 'elsewhere');
    await ask(clusters, 'cluster', 'w1');
    expect(await admin.create(journals, journalOf('elsewhere'))).toMatchObject({ ok: true });
  });
  afterAll(async () => {
    await own.revert();
    await own.ends();
  });

  const touch = { type: 'merge', body: { metadata: { annotations: { touched: 'yes' } } } } as const;
  const statusOf = (status: JsonObject) => ({ type: 'merge', body: { status } }) as const;
  /** Whole, so that it is a status whether its record has one yet or the cluster's agent has refused it by now. */
  const refused = statusOf({ schemaVersion: 1, phase: 'refused', evidence: { seen: 1 } });

  test('answers for its own node: records, claims, heartbeat, journals', async () => {
    expect(await thief.patch(records.injections, own.id, touch)).toMatchObject({ ok: true });
    const said = await thief.patch(records.injections, own.id, statusOf({ evidence: { seen: 1 } }), { subresource: 'status' });
    expect(said).toMatchObject({ ok: true });
    expect(await thief.patch(journals, `journal-${own.id}`, touch)).toMatchObject({ ok: true });
    expect(await thief.patch(records.leases, `agent-${podName}`, touch)).toMatchObject({ ok: true });
    expect(await thief.create(records.leases, { metadata: { name: 'claim-of-test' } })).toMatchObject({ ok: true });
    expect(await thief.delete(records.leases, 'claim-of-test')).toMatchObject({ ok: true });
  });

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'say how an injection of another node ended',
      () => thief.patch(records.injections, elsewhere, refused, { subresource: 'status' }),
      /the agent of node w1 answers for its own node: injection test-elsewhere-0-0 is of elsewhere/,
    ],
    [
      'let go the record of another node',
      () => thief.patch(records.injections, elsewhere, touch),
      /answers for its own node: injection test-elsewhere-0-0 is of elsewhere/,
    ],
    [
      "let go the record of the cluster's agent, though its target is on that node",
      () => thief.patch(records.injections, clusters, touch),
      /answers for its own node: injection \S+ is of the cluster/,
    ],
    [
      'give its own record to another node',
      () =>
        thief.patch(records.injections, own.id, {
          type: 'merge',
          body: { metadata: { labels: { 'firedrill.dev/node': 'w2' } } },
        }),
      /changes no label of an injection/,
    ],
    [
      'ask for an injection',
      () => thief.create(records.injections, record('test-forged-0-0', 'node', 'w1')),
      /a node agent asks for no injection/,
    ],
    [
      'keep a journal of another node',
      () => thief.create(journals, { ...journalOf('w2'), data: {} }),
      /the agent of node w1 keeps the journals of its own node: journal-of-w2 is of w2/,
    ],
    [
      'change the journal of another node',
      () => thief.patch(journals, 'journal-of-elsewhere', { type: 'merge', body: { data: { undo: 'e30=' } } }),
      /keeps the journals of its own node: journal-of-elsewhere is of elsewhere/,
    ],
    [
      'take the journal of another node for its own',
      () =>
        thief.patch(journals, 'journal-of-elsewhere', {
          type: 'merge',
          body: { metadata: { annotations: { 'firedrill.dev/node': 'w1' } } },
        }),
      /keeps the journals of its own node: journal-of-elsewhere is of elsewhere/,
    ],
    [
      'keep another Secret',
      () => thief.create(journals, { ...journalOf('w1'), metadata: { ...journalOf('w1').metadata, name: 'other' } }),
      /keeps journals, and no other Secret/,
    ],
    [
      'lead, or beat for another',
      () => thief.patch(records.leases, 'firedrill-cluster-agent', touch),
      /holds claims and its own heartbeat, and no lease firedrill-cluster-agent/,
    ],
  ])('may not %s', async (_what, asked, message) => {
    await expect(asked()).rejects.toMatchObject({ code: 'cluster/forbidden', message: expect.stringMatching(message) });
  });

  test('says how an injection ended whose record was taken away, where its label is of its own node', async () => {
    const lost = (name: string, node: string) => ({
      apiVersion: 'firedrill.dev/v1',
      kind: 'Injection',
      metadata: { name, labels: { 'firedrill.dev/run': 'test-lost', 'firedrill.dev/agent': 'node', 'firedrill.dev/node': node } },
    });
    const ended = statusOf({ schemaVersion: 1, phase: 'reverted' });
    expect(await thief.create(records.injections, lost('test-lost-0-0', 'w1'))).toMatchObject({ ok: true });
    expect(await thief.patch(records.injections, 'test-lost-0-0', ended, { subresource: 'status' })).toMatchObject({ ok: true });
    await expect(thief.create(records.injections, lost('test-lost-0-1', 'w2'))).rejects.toThrow(/test-lost-0-1 is of w2/);
    await admin.delete(records.injections, 'test-lost-0-0');
  });

  test('is worth nothing when no kubelet gave it to a pod', async () => {
    const unbound = await withToken('firedrill-node-agent', '-n', nodesNamespace);
    const message = expect.stringMatching(/must be one that the kubelet gave its pod/);
    await expect(unbound.patch(records.injections, own.id, touch)).rejects.toMatchObject({ code: 'cluster/forbidden', message });
    await expect(unbound.patch(journals, `journal-${own.id}`, touch)).rejects.toMatchObject({ message });
    await expect(unbound.patch(records.leases, `agent-${podName}`, touch)).rejects.toMatchObject({ message });
  });
});

describe('the namespace of node agents', () => {
  interface Shape {
    readonly spec: { readonly containers: readonly [JsonObject & { readonly securityContext: JsonObject }] };
  }
  /** On no node: it is never started. */
  const wanted = nodeAgentPod({
    name: 'node-agent-test',
    run: 'r',
    node: 'nowhere',
    namespace,
    nodesNamespace,
    image: imageReference('agent'),
    pullSecret: null,
    activeDeadlineSeconds: 60,
    labels: {},
    annotations: {},
  });
  const { spec } = wanted as unknown as Shape;
  const pod = (changes: JsonObject): JsonObject => ({ ...wanted, spec: { ...spec, ...changes } as JsonObject });
  const container = (changes: JsonObject): JsonObject => pod({ containers: [{ ...spec.containers[0], ...changes }] });
  const security = (changes: JsonObject): JsonObject =>
    container({ securityContext: { ...spec.containers[0].securityContext, ...changes } });

  test('takes pods from the cluster agent, and not even from the administrator', async () => {
    const clusterAgent = await withToken('firedrill-cluster-agent', '-n', namespace);
    expect(await clusterAgent.create(pods, wanted)).toMatchObject({ ok: true });
    const body = [{ op: 'replace', path: '/spec/containers/0/image', value: 'other:1' }];
    await expect(admin.patch(pods, 'node-agent-test', { type: 'json', body })).rejects.toThrow(/image of the installation/);
    await kubectl('-n', nodesNamespace, 'delete', 'pod', 'node-agent-test', '--force', '--grace-period=0');
    await expect(admin.create(pods, wanted)).rejects.toThrow(/only the cluster agent makes pods in \S+-nodes, not /);
  });

  test.each<[string, JsonObject, RegExp]>([
    ['with another image', container({ image: 'other:1' }), /has the image of the installation/],
    ['with another program', container({ command: ['sh', '-c', 'true'] }), /runs its own program and nothing else/],
    ['with a variable', container({ env: [{ name: 'NODE_OPTIONS', value: '--import=x' }] }), /runs its own program/],
    ['with a hook', container({ lifecycle: { postStart: { exec: { command: ['sh'] } } } }), /runs its own program/],
    ['with a probe that runs a program', container({ livenessProbe: { exec: { command: ['sh'] } } }), /runs its own program/],
    ['that is privileged', security({ privileged: true, allowPrivilegeEscalation: true }), /is not privileged/],
    ['that can get more rights', security({ allowPrivilegeEscalation: true }), /is not privileged/],
    ['with one more capability', security({ capabilities: { drop: ['ALL'], add: ['SYS_MODULE'] } }), /has no capability but/],
    ['that writes its image', security({ readOnlyRootFilesystem: false }), /is not privileged/],
    ['with a path of the node', pod({ volumes: [{ name: 'root', hostPath: { path: '/' } }] }), /has no path, no network/],
    ['with the network of the node', pod({ hostNetwork: true }), /has no path, no network/],
    ['with another container', pod({ initContainers: [{ name: 'first', image: 'other:1' }] }), /a pod of one container/],
    ['without an end', pod({ activeDeadlineSeconds: null }), /has its own account, and an end/],
  ])('takes none %s, whoever makes it', async (_what, asked, message) => {
    const clusterAgent = await withToken('firedrill-cluster-agent', '-n', namespace);
    await expect(clusterAgent.create(pods, asked)).rejects.toMatchObject({
      code: 'cluster/forbidden',
      message: expect.stringMatching(message),
    });
  });
});

describe('the token of the worker', () => {
  const ask = async (id: string, target: JsonObject) => {
    const worker = await withToken('firedrill-worker', '-n', namespace);
    const spec = specOf({ id, runId: id.replace('-0-0', ''), fault: 'pod-kill', agent: 'cluster' });
    return worker.create(records.injections, objectOfSpec({ ...spec, target: { ...spec.target, ...target } }));
  };

  test('asks for what may be acted on', async () => {
    expect(await ask('test-ask-1-0-0', { kind: 'pod', locator: { namespace: shop } })).toMatchObject({ ok: true });
    expect(await ask('test-ask-2-0-0', { kind: 'node', name: 'w4', locator: { node: 'w4' } })).toMatchObject({ ok: true });
  });

  test.each<[string, JsonObject, RegExp]>([
    [
      'a namespace that is not allowed',
      { kind: 'pod', locator: { namespace: 'default' } },
      /nothing in default: .*allowNamespaces/,
    ],
    ['no namespace', { kind: 'pod', locator: {} }, /nothing in no namespace/],
    ['a node that is not allowed', { kind: 'node', name: 'w1', locator: { node: 'w1' } }, /nothing on node w1: .*allowNodes/],
  ])('asks for nothing in %s', async (_what, target, message) => {
    await expect(ask('test-ask-3-0-0', target)).rejects.toMatchObject({
      code: 'cluster/forbidden',
      message: expect.stringMatching(message),
    });
  });
});

test('an injection that the policy denies never makes a pod, whoever asked for it', async () => {
  const target = await podTarget(admin, shop, { namespace: 'default' });
  const denied = await inject(agents.store, { fault: 'cpu-stress', agent: 'node', target });
  expect(await denied.ends()).toMatchObject({ phase: 'refused', error: { code: 'policy/denied' }, agent: { name: 'cluster' } });
});

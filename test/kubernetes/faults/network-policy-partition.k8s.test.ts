import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { networkPolicyPartition } from '../../../src/faults/network-policy-partition.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { createContext } from '../../faults/context.ts';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ClusterTools } from '../../../src/faults/cluster-tools.ts';
import type { Evidence } from '../../../src/faults/fault.ts';
import { apiNeeds } from '../../../src/faults/index.ts';
import { createCutPolicy } from '../../../src/faults/shared/cut-policy.ts';
import { startWitness } from '../../../src/faults/shared/witness.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { agentsRights, type AgentsRights } from './agents-rights.ts';
import { begin, finish } from './acts.ts';
import { core, openSandbox, type Sandbox } from './cluster.ts';
import { comesThrough, startLink, type PodLink } from './pod-link.ts';
import { enforcePolicies, type Enforcer } from './policy-enforcer.ts';

const node = 'w1';
const policies = { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies' };

let sandbox: Sandbox;
let link: PodLink;
/** What an agent may that was installed for this fault alone: nothing here is done with more. */
let rights: AgentsRights;
let cluster: ClusterTools;
const ended = new AbortController();
beforeAll(async () => {
  sandbox = await openSandbox();
  [link, rights] = await Promise.all([startLink(sandbox, node), agentsRights(sandbox.namespace, 'network-policy-partition')]);
  const image = imageReference('agent');
  cluster = createClusterTools(rights.api, { signal: ended.signal, needs: apiNeeds, clock: systemClock, image });
});
afterAll(async () => {
  ended.abort();
  await rights?.remove();
  await sandbox.dispose();
});

/** What is in the namespace besides what the test put there, and the labels of the caller. */
async function traces(): Promise<unknown> {
  const { api, namespace } = sandbox;
  const names = async (of: { group: string; version: string; resource: string }) =>
    (await api.list({ ...of, namespace })).items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name)
      .sort();
  const caller = await api.get({ ...core, resource: 'pods', namespace }, 'caller');
  return { policies: await names(policies), pods: await names({ ...core, resource: 'pods' }), labels: caller?.metadata.labels };
}
const nothing = { policies: [], pods: ['callee', 'caller', 'other'], labels: { app: 'caller' } };

describe('where policies are enforced', () => {
  let enforcer: Enforcer | undefined;
  beforeAll(async () => {
    enforcer = await enforcePolicies(sandbox, node);
  });
  afterAll(() => enforcer?.stop());

  faultContract('network-policy-partition', async () => ({
    target: link.target,
    params: {},
    lent: { cluster },
    patienceMs: 10_000,
    broken: async () => !(await comesThrough(link, { timeoutMs: 700 })),
    dispose: async () => {},
  }));

  test('new connections to the far end do not open, others do, open ones live, and nothing is left', async () => {
    await link.call({ kept: true });
    const askedAt = performance.now();
    const act = await begin(networkPolicyPartition, link.target, {}, { cluster, patienceMs: 10_000 });
    const armedMs = Math.round(performance.now() - askedAt) - act.times.verifiedMs;
    for (const to of ['service', 'endpoint'] as const) {
      expect(await link.call({ to, timeoutMs: 1000 })).toMatchObject({ ms: null, error: 'timeout' });
    }
    expect((await link.call({ to: 'other' })).ms).not.toBeNull();
    expect(await link.resolve('kubernetes.default.svc')).toMatchObject({ addresses: [expect.any(String)] });
    // Of the enforcer, as of many: what was open stays open. Who relies on the cut must know.
    expect((await link.call({ kept: true })).ms).not.toBeNull();
    const { evidence, times } = await finish(act, { patienceMs: 10_000 });
    expect((await link.call()).ms).not.toBeNull();
    expect(await traces()).toEqual(nothing);
    expect(evidence.data['againMs']).toEqual(expect.any(Number));
    const figures = JSON.stringify({ armedMs, ...act.times, ...times });
    console.log('network-policy-partition:', act.evidence.summary, evidence.summary, figures);
  });
});

describe('a probe that is not as it must be ends before anything of the pod is touched', () => {
  let enforcer: Enforcer | null = null;
  let labels: string;
  let gone: Evidence;
  beforeEach(async () => {
    labels = JSON.stringify(await traces());
  });
  afterEach(async () => {
    await enforcer?.stop();
    enforcer = null;
  });

  const refusal = async (id: string): Promise<unknown> => {
    const context = createContext(id, {}, { cluster });
    const undo = await networkPolicyPartition.prepare(context, link.target, {});
    const error: unknown = await networkPolicyPartition.arm?.(context, link.target, {}, undo).catch((thrown: unknown) => thrown);
    const { namespace, api } = sandbox;
    expect((await api.get({ ...core, resource: 'pods', namespace }, 'caller'))?.metadata.labels).toEqual({ app: 'caller' });
    const grown = () => ({ ...undo, ...Object.assign({}, ...context.journaled) });
    await networkPolicyPartition.revert(context, link.target, grown());
    gone = await networkPolicyPartition.verifyReverted(context, link.target, grown());
    expect(gone.present).toBe(false);
    expect(JSON.stringify(await traces())).toBe(labels);
    return error;
  };

  test('where nothing enforces policies, which is said', async () => {
    expect(await refusal('probe-1')).toMatchObject({
      code: 'policy/denied',
      message: expect.stringMatching(/does not enforce NetworkPolicy on w1: a witness still reached .* 10 s after/),
    });
    // It was never cut off: since when it reaches the far end again has no answer.
    expect(gone).toMatchObject({ data: { againMs: null }, summary: expect.stringMatching(/reached [^ ]+, [^ ]+$/) });
  });

  test('where what enforces them takes more than was asked', async () => {
    enforcer = await enforcePolicies(sandbox, node, { alsoTakes: 'udp dport 53' });
    expect(await refusal('probe-2')).toMatchObject({
      code: 'policy/denied',
      message: expect.stringMatching(/took more than was asked/),
    });
  });
});

test('a pod about whose egress a policy speaks already is refused, and that one is named', async () => {
  const name = 'callers-may';
  const spec = { podSelector: { matchLabels: { app: 'caller' } }, policyTypes: ['Egress'], egress: [{}] };
  await sandbox.make(policies, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec });
  try {
    const context = createContext('widening-1', {}, { cluster });
    await expect(networkPolicyPartition.prepare(context, link.target, {})).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringContaining('NetworkPolicy callers-may already'),
    });
  } finally {
    await sandbox.api.delete({ ...policies, namespace: sandbox.namespace }, name);
  }
});

describe('the right to make pods', () => {
  const pods = { ...core, resource: 'pods' };
  const witness = async (name: string): Promise<JsonObject> => {
    const made: JsonObject[] = [];
    const noted: ClusterTools = { ...cluster, create: async (_of, body) => (made.push(body), 'created') };
    const context = createContext(name, {}, { cluster: noted });
    const undo = await networkPolicyPartition.prepare(context, link.target, {});
    await startWitness(context, undo.witness);
    return made[0]!;
  };
  const create = (body: JsonObject): Promise<unknown> =>
    cluster.create({ apiVersion: 'v1', resource: 'pods', namespace: sandbox.namespace }, body).catch((error: unknown) => error);

  test('is for witnesses: one is taken, also where Pod Security is at its strictest', async () => {
    const body = await witness('strict-1');
    const strict = `${sandbox.namespace}-agents`;
    const metadata = { ...(body['metadata'] as JsonObject), namespace: strict };
    // That namespace is `restricted` already.
    const taken = await sandbox.api.create({ ...pods, namespace: strict }, { ...body, metadata });
    expect(taken).toMatchObject({ ok: true });
    expect(await create(body)).toBe('created');
    await sandbox.api.delete({ ...pods, namespace: sandbox.namespace }, String((body['metadata'] as JsonObject)['name']));
  });

  const probe = { httpGet: { path: '/', port: 8701 } };
  test.each<[string, (spec: JsonObject, container: JsonObject) => JsonObject]>([
    [
      'an option of Node in place of what it is told',
      (spec, { command, ...one }) => ({
        ...spec,
        containers: [{ ...one, command: [...(command as string[]).slice(0, 3), '--eval=1'] }],
      }),
    ],
    [
      'a probe of another host',
      (spec, one) => ({ ...spec, containers: [{ ...one, readinessProbe: { httpGet: { ...probe.httpGet, host: '10.0.0.1' } } }] }),
    ],
    [
      'a probe that is a command',
      (spec, one) => ({ ...spec, containers: [{ ...one, readinessProbe: { exec: { command: ['id'] } } }] }),
    ],
    ['a second probe', (spec, one) => ({ ...spec, containers: [{ ...one, startupProbe: probe }] })],
    [
      'a port of its node',
      (spec, one) => ({ ...spec, containers: [{ ...one, ports: [{ containerPort: 8701, hostPort: 8701 }] }] }),
    ],
    ['a rank of the system', (spec) => ({ ...spec, priorityClassName: 'system-node-critical' })],
    ['no end', (spec) => Object.fromEntries(Object.entries(spec).filter(([word]) => word !== 'activeDeadlineSeconds'))],
    [
      'another user for one container',
      (spec, one) => ({
        ...spec,
        containers: [
          { ...one, securityContext: { ...(one['securityContext'] as JsonObject), runAsNonRoot: false, runAsUser: 0 } },
        ],
      }),
    ],
    ['another program', (spec, one) => ({ ...spec, containers: [{ ...one, command: ['/usr/bin/node', '-e', '1', '{}'] }] })],
    ['another image', (spec, one) => ({ ...spec, containers: [{ ...one, image: imageReference('tools') }] })],
    ['a Secret', (spec) => ({ ...spec, volumes: [{ name: 'secret', secret: { secretName: 'any' } }] })],
    ['a variable', (spec, one) => ({ ...spec, containers: [{ ...one, env: [{ name: 'NODE_OPTIONS', value: '-r /x' }] }] })],
    ['the token of an account', (spec) => ({ ...spec, automountServiceAccountToken: true })],
    ["its node's network", (spec) => ({ ...spec, hostNetwork: true })],
  ])('is not for a pod with %s', async (_what, change) => {
    const body = await witness('other-1');
    const spec = body['spec'] as JsonObject;
    const changed = change(spec, (spec['containers'] as JsonObject[])[0]!);
    expect(await create({ ...body, spec: changed })).toMatchObject({
      message: expect.stringMatching(/the cluster agent makes no pod but a witness|a witness (has|is)|is forbidden/),
    });
  });

  test('is not for one that would be called as one of a workload', async () => {
    const body = await witness('called-1');
    const metadata = body['metadata'] as JsonObject;
    const labels = { ...(metadata['labels'] as JsonObject), app: 'callee' };
    expect(await create({ ...body, metadata: { ...metadata, labels } })).toMatchObject({
      message: expect.stringContaining('no labels but ours'),
    });
  });

  test('changes what no pod runs', async () => {
    const ref = { apiVersion: 'v1', resource: 'pods', namespace: sandbox.namespace, name: 'callee' };
    const step = { op: 'replace', path: '/spec/containers/0/image', value: imageReference('tools') } as const;
    await expect(cluster.patch(ref, [step])).rejects.toThrow(/changes labels and annotations of pods, and nothing that they run/);
  });
});

describe('the right to make NetworkPolicies', () => {
  const name = 'shut';
  const of = { apiVersion: 'networking.k8s.io/v1', resource: 'networkpolicies' };
  const body = (spec: JsonObject): JsonObject => ({ apiVersion: of.apiVersion, kind: 'NetworkPolicy', metadata: { name }, spec });
  const message = /no NetworkPolicy but those of its own faults/;

  test('is not for one that opens what others have shut', async () => {
    const open = body({ podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    await expect(cluster.create({ ...of, namespace: sandbox.namespace }, open)).rejects.toThrow(message);
  });

  test("is not for taking somebody else's away", async () => {
    await sandbox.make(policies, body({ podSelector: { matchLabels: { app: 'nobody' } }, policyTypes: ['Ingress'] }));
    const its = { ...of, namespace: sandbox.namespace, name };
    const { uid } = (await cluster.get(its))!.metadata;
    await expect(cluster.delete(its, { uid })).rejects.toThrow(message);
    await sandbox.api.delete({ ...policies, namespace: sandbox.namespace }, name);
  });
});

test('policy and witness go with the pod that they are for', async () => {
  const { api, namespace } = sandbox;
  const context = createContext('gone-1', {}, { cluster });
  const undo = await networkPolicyPartition.prepare(context, link.target, {});
  await startWitness(context, undo.witness);
  await createCutPolicy(context, undo.policy);
  await api.delete({ ...core, resource: 'pods', namespace }, 'caller');
  await until(
    'nothing of ours is left',
    async () => !(await networkPolicyPartition.verifyReverted(context, link.target, undo)).present,
    30_000,
  );
});

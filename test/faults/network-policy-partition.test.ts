import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { networkPolicyPartition } from '../../src/faults/network-policy-partition.ts';
import { createCutPolicy } from '../../src/faults/shared/cut-policy.ts';
import { selects } from '../../src/faults/shared/label-selector.ts';
import { startWitness } from '../../src/faults/shared/witness.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';
import { addPod } from './subjects/pod.ts';
import { until } from './until.ts';

const tcp = (address: string, port: number | null): JsonObject => ({ address, port, protocol: 'tcp' });
const service = [tcp('10.96.0.7', 80), tcp('10.78.1.4', 8080)];
const locator = { namespace: 'shop', pod: 'a', podUid: 'uid-of-a', node: 'w1', hostNetwork: false, to: 'bank', excluded: [] };
const linkTo = (destinations: readonly JsonObject[], changes: JsonObject = {}): TargetRef => ({
  kind: 'link',
  service: 'shop-api',
  name: 'a/bank',
  uid: 'uid-of-a',
  locator: { ...locator, destinations: [...destinations], ...changes },
});
const target = linkTo(service);
const caller = { apiVersion: 'v1', resource: 'pods', namespace: 'shop', name: 'a' };
const policies = { apiVersion: 'networking.k8s.io/v1', resource: 'networkpolicies', namespace: 'shop' };

let cluster: FakeCluster;
let context: TestContext;
beforeEach(() => {
  cluster = createFakeCluster();
  context = createContext('run-1-1', {}, { cluster });
  addPod(cluster, 'a');
});

const prepare = (of = target) => networkPolicyPartition.prepare(context, of, {});
const addPolicy = (name: string, spec: JsonObject): unknown =>
  cluster.put({ ...policies, name }, { metadata: {}, spec: { podSelector: {}, policyTypes: ['Egress'], ...spec } });

describe('what cannot be cut by a policy is refused before anything is made', () => {
  test.each<[string, TargetRef, RegExp]>([
    ['a link to host names', linkTo([], { leads: { hosts: ['bank.example'] } }), /no address with a TCP port/],
    ['a link to a range', linkTo([tcp('10.0.0.0/8', 443)]), /no address with a TCP port/],
    ['a link by UDP', linkTo([{ address: '10.0.0.1', port: 53, protocol: 'udp' }]), /no address with a TCP port/],
    ['another pod by now', linkTo(service, { podUid: 'other' }), /is another one by now/],
    ['a pod that is gone', linkTo(service, { pod: 'b' }), /is gone/],
  ])('%s', async (_what, of, words) => {
    await expect(prepare(of)).rejects.toThrow(words);
    expect(cluster.changes).toEqual([]);
  });

  test("a pod in its node's network, whatever the record says", async () => {
    cluster.put(caller, { ...(await cluster.get(caller)), spec: { nodeName: 'w1', hostNetwork: true } } as unknown as JsonObject);
    await expect(prepare()).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringContaining("its node's network"),
    });
  });

  test.each<[string, JsonObject]>([
    ['every pod', {}],
    ['its label', { podSelector: { matchLabels: { app: 'shop-api' } } }],
    ['a label that it does not have', { podSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } }],
    ['both directions', { policyTypes: ['Ingress', 'Egress'] }],
  ])('a pod whose egress a policy for %s holds, by the name of that', async (_whom, spec) => {
    addPolicy('deny-all', spec);
    await expect(prepare()).rejects.toMatchObject({ code: 'policy/denied', message: expect.stringContaining('deny-all') });
  });

  test('but not one that policies for others, or for what comes in, leave alone', async () => {
    addPolicy('of-others', { podSelector: { matchLabels: { app: 'other' } } });
    addPolicy('ingress', { policyTypes: ['Ingress'] });
    expect((await prepare()).policy.name).toBe('firedrill-cut-run-1-1');
  });
});

describe('the policy', () => {
  const made = async (of: TargetRef): Promise<JsonObject> => {
    const { policy } = await prepare(of);
    await createCutPolicy(context, policy);
    return (await cluster.get({ ...policies, name: policy.name })) as unknown as JsonObject;
  };

  test('is about egress alone, of who has our label, and allows all but the addresses of the link', async () => {
    expect(await made(target)).toMatchObject({
      metadata: { labels: { 'firedrill.dev/injection': 'run-1-1' }, ownerReferences: [{ kind: 'Pod', uid: 'uid-of-a' }] },
      spec: {
        podSelector: { matchLabels: { 'firedrill.dev/cut': 'run-1-1' } },
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['10.96.0.7/32', '10.78.1.4/32'] } }, { ipBlock: { cidr: '::/0' } }],
          },
        ],
      },
    });
  });

  test('leaves the API server and DNS alone within a range', async () => {
    const of = linkTo([tcp('10.0.0.0/8', null), tcp('10.78.1.4', 80)], { excluded: [tcp('10.96.0.10', 53)] });
    expect(JSON.stringify(await made(of))).toContain('{"ipBlock":{"cidr":"10.96.0.10/32"}}');
  });
});

describe('a pod under the policy', () => {
  type Undo = Awaited<ReturnType<typeof prepare>>;
  const armed = async (): Promise<Undo> => {
    const undo = await prepare();
    await startWitness(context, undo.witness);
    await createCutPolicy(context, undo.policy);
    await witnessSays(undo, { farEnd: true, lifelines: true });
    return undo;
  };
  const injected = async (): Promise<Undo> => {
    const undo = await armed();
    await networkPolicyPartition.inject(context, target, {}, undo);
    return undo;
  };
  const witnessSays = async ({ witness }: Undo, says: { farEnd: boolean; lifelines: boolean; ended?: boolean }) => {
    const ref = { ...caller, name: witness.name };
    const state = says.ended === true ? { terminated: {} } : { running: {} };
    const containerStatuses = [
      { name: 'far-end', ready: says.farEnd, state },
      { name: 'lifelines', ready: says.lifelines, state },
    ];
    cluster.put(ref, { ...(await cluster.get(ref)), status: { phase: 'Running', containerStatuses } } as unknown as JsonObject);
  };
  const verify = (undo: Undo) => networkPolicyPartition.verify(context, target, {}, undo);

  test('has two labels of ours more, and loses none by which others select it', async () => {
    await injected();
    expect((await cluster.get(caller))?.metadata.labels).toEqual({
      app: 'shop-api',
      'pod-template-hash': '1',
      'firedrill.dev/injection': 'run-1-1',
      'firedrill.dev/cut': 'run-1-1',
    });
  });

  test('is cut off once its witness, labelled after it, is', async () => {
    const undo = await injected();
    expect(cluster.changes).toEqual(['patch pods/a', 'patch pods/firedrill-witness-run-1-1']);
    await witnessSays(undo, { farEnd: true, lifelines: true });
    expect(await verify(undo)).toMatchObject({ present: false, summary: expect.stringContaining('reaches 10.96.0.7:80') });
    await witnessSays(undo, { farEnd: false, lifelines: true });
    expect((await verify(undo)).present).toBe(true);
  });

  test.each([
    ['the far end', { farEnd: false, lifelines: true }],
    ['the API server or DNS', { farEnd: true, lifelines: false }],
  ])('is not touched where its witness does not reach %s right before', async (_what, says) => {
    const undo = await armed();
    await witnessSays(undo, says);
    await expect(networkPolicyPartition.inject(context, target, {}, undo)).rejects.toMatchObject({
      code: 'upstream/unreachable',
    });
    expect(cluster.changes).toEqual([]);
  });

  test('is not cut off by us where our policy is gone, whatever its witness reaches', async () => {
    const undo = await injected();
    await witnessSays(undo, { farEnd: false, lifelines: true });
    const ref = { ...policies, name: undo.policy.name };
    await cluster.delete(ref, { uid: (await cluster.get(ref))!.metadata.uid });
    expect(await verify(undo)).toMatchObject({ present: false, summary: expect.stringContaining('is gone') });
  });

  test('is neither seen cut off nor free where its witness reaches nothing at all', async () => {
    const undo = await injected();
    await witnessSays(undo, { farEnd: false, lifelines: false });
    await expect(verify(undo)).rejects.toMatchObject({ code: 'upstream/unreachable' });
  });

  test('is given back when its witness ends, and when somebody else’s policy comes to hold its egress', async () => {
    const undo = await injected();
    await witnessSays(undo, { farEnd: false, lifelines: true });
    addPolicy('came-later', {});
    expect(await verify(undo)).toMatchObject({ present: false, gaveBack: expect.stringContaining('came-later') });
    await witnessSays(undo, { farEnd: false, lifelines: true, ended: true });
    expect(await verify(undo)).toMatchObject({ present: false, gaveBack: expect.stringContaining('has ended') });
  });

  test('is as before after the revert, which leaves what is not ours, and says what it could not measure', async () => {
    const before = (await cluster.get(caller))?.metadata.labels;
    const undo = await injected();
    const left = async () => networkPolicyPartition.verifyReverted(context, target, undo);
    expect(await left()).toMatchObject({
      present: true,
      data: { left: ['our label on the pod', 'NetworkPolicy firedrill-cut-run-1-1', 'pod shop/firedrill-witness-run-1-1'] },
    });
    await networkPolicyPartition.revert(context, target, undo);
    expect((await cluster.get(caller))?.metadata.labels).toEqual(before);
    expect(await left()).toMatchObject({ present: false, summary: expect.stringContaining('was not measured') });

    const others = { ...policies, name: undo.policy.name };
    cluster.put(others, { metadata: { uid: 'of-somebody' }, spec: {} });
    await networkPolicyPartition.revert(context, target, undo);
    expect(await cluster.get(others)).not.toBeNull();
    expect((await left()).present).toBe(false);
  });

  test('is told as not measured where its far end stays away, after three looks', async () => {
    const undo = await injected();
    await witnessSays(undo, { farEnd: false, lifelines: true });
    const grown = () => ({ ...undo, reached: true, ...Object.assign({}, ...context.journaled) });
    for (const look of [1, 2, 3]) {
      await expect(networkPolicyPartition.revert(context, target, grown())).rejects.toMatchObject({
        code: 'fault/revert-failed',
        message: expect.stringContaining(`look ${look} of 3`),
      });
      expect(await cluster.get({ ...policies, name: undo.policy.name })).toBeNull();
    }
    await networkPolicyPartition.revert(context, target, grown());
    expect(await networkPolicyPartition.verifyReverted(context, target, grown())).toMatchObject({
      present: false,
      summary: expect.stringContaining('was not measured'),
    });
  }, 60_000);

  test('a moment without an answer is not taken for a policy that is enforced', async () => {
    // The API server gives a pod its status at once.
    const create: FakeCluster['create'] = (of, body) => cluster.create(of, { ...body, status: {} });
    const probing = createContext('run-1-1', {}, { cluster: { ...cluster, create } });
    const undo = await prepare();
    const begun = networkPolicyPartition.arm!(probing, target, {}, undo).then(
      () => 'armed',
      (error: Error) => error.message,
    );
    const isThere = async (ref: Parameters<FakeCluster['get']>[0]): Promise<boolean> => (await cluster.get(ref)) !== null;
    await until('the witness is there', () => isThere({ ...caller, name: undo.witness.name }));
    await witnessSays(undo, { farEnd: true, lifelines: true });
    await until('the policy is there', () => isThere({ ...policies, name: undo.policy.name }));
    await witnessSays(undo, { farEnd: false, lifelines: true });
    setTimeout(() => void witnessSays(undo, { farEnd: true, lifelines: true }), 500);
    expect(await begun).toMatch(/reached it again within 3 s: it is not enforced there/);
  });
});

test.each<[boolean, Parameters<typeof selects>[0]]>([
  [true, {}],
  [true, { matchLabels: { a: '1' } }],
  [false, { matchLabels: { a: '1', b: '2' } }],
  [true, { matchExpressions: [{ key: 'a', operator: 'In', values: ['0', '1'] }] }],
  [false, { matchExpressions: [{ key: 'b', operator: 'In', values: ['1'] }] }],
  [false, { matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }],
  [true, { matchExpressions: [{ key: 'b', operator: 'NotIn', values: ['1'] }] }],
  [true, { matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
  [false, { matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }],
  // What is not known is taken for a yes, by those who fear one.
  [true, { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['5'] }] }],
])('%s: a pod with a=1 is meant by %j', (is, selector) => {
  expect(selects(selector, { a: '1' })).toBe(is);
});

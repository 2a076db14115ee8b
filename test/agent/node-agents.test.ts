import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import { createKubernetesJournal, forestallJournal } from '../../src/adapters/kubernetes/journal.ts';
import { createNodeAgentPods } from '../../src/adapters/kubernetes/node-agent-pods.ts';
import { recordResources } from '../../src/adapters/kubernetes/record-names.ts';
import { keepNodeAgents } from '../../src/agent/node-agents.ts';
import type { InjectionSpec, Phase } from '../../src/domain/injection/records.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { KubeApi, KubeObject } from '../../src/ports/kubernetes.ts';
import { startFakeKubeApi } from '../fakes/kube-api.ts';
import type { FakeKubeApi } from '../fakes/kube-api.ts';
import { specOf } from './records.ts';
import { until } from './until.ts';

const namespace = 'drills';
const nodesNamespace = 'drills-nodes';
const pods = `/api/v1/namespaces/${nodesNamespace}/pods`;
const nodes = '/api/v1/nodes';
const injections = `/apis/firedrill.dev/v1/namespaces/${namespace}/injections`;

describe('whoever looks after the agents of nodes', () => {
  let fake: FakeKubeApi;
  let api: KubeApi;
  let store: KubernetesStore;
  let ended: AbortController;
  let kept: Promise<void>;

  beforeEach(async () => {
    fake = await startFakeKubeApi();
    api = createKubeApi(fake.access, { timeoutMs: 1_000 });
    ended = new AbortController();
    const journalNamespace = nodesNamespace;
    store = createKubernetesStore({ api, namespace, journalNamespace, scope: null, clock: systemClock, quietMs: 2_000 });
    const scope = { agent: 'cluster' } as const;
    kept = keepNodeAgents(
      {
        store,
        watch: store.watch,
        journal: createKubernetesJournal({ api, namespace: nodesNamespace, recordsNamespace: namespace, scope }),
        pods: createNodeAgentPods({
          api,
          namespace: nodesNamespace,
          clock: systemClock,
          signal: ended.signal,
          podOf: ({ name, node, labels, annotations }) => ({ metadata: { name, labels, annotations }, spec: { nodeName: node } }),
        }),
        forestall: (spec) => forestallJournal(api, recordResources(nodesNamespace).secrets, spec),
        objectionTo: async ({ target }) =>
          target.service === 'denied' ? { code: 'policy/denied', message: 'the policy says no' } : null,
        lifetimeOf: () => 'netns',
        // Ten minutes ahead of the API server's.
        clock: { ...systemClock, now: () => Date.now() + 600_000 },
        log: { info: () => {}, warn: () => {}, error: () => {} },
        agent: { name: 'cluster', version: '0' },
      },
      ended.signal,
    );
  });
  afterEach(async () => {
    ended.abort();
    store.close();
    await kept;
    api.close();
    await fake.close();
  });

  const nodeIsReady = (name: string): void => {
    fake.objects.put(nodes, { metadata: { name }, spec: {}, status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  };
  const write = async (node: string, id: string, phase: Phase | null): Promise<InjectionSpec> => {
    const target = { kind: 'pod', service: 'shop', name: id, uid: id, locator: { namespace: 'shop', node } } as const;
    const spec = specOf({ id, agent: 'node', target, deadline: new Date(Date.now() + 900_000).toISOString() });
    await store.writeSpec(spec);
    if (phase !== null) await store.writeStatus({ schemaVersion: 1, id, runId: spec.runId, phase });
    return spec;
  };
  const podOn = (node: string): KubeObject | undefined =>
    fake.objects.list(pods).find(({ spec }) => (spec as { nodeName?: string }).nodeName === node);
  const comesOn = (node: string): Promise<KubeObject | undefined> =>
    until(
      () => podOn(node),
      (pod) => pod !== undefined,
    );

  /** As when an agent ends, and now and then besides. */
  const undoesAreLookedFor = async (): Promise<void> => {
    nodeIsReady('w0');
    await write('w0', 'run-2-1-1', 'active');
    await comesOn('w0');
    await store.writeStatus({ schemaVersion: 1, id: 'run-2-1-1', runId: 'run-1', phase: 'reverted' });
  };

  test('makes the agent of a node though another node cannot even be asked about', async () => {
    fake.intercept(({ path }) => (path === `${nodes}/w0` ? { status: 400, body: { message: 'no such thing' } } : null));
    await write('w0', 'run-1-1-1', 'active');
    nodeIsReady('w1');
    await write('w1', 'run-1-1-2', 'active');
    await comesOn('w1');
  });

  describe('for what the policy denies', () => {
    const denied = async (id: string): Promise<InjectionSpec> => {
      const target = { kind: 'pod', service: 'denied', name: id, uid: id, locator: { namespace: 'shop', node: 'w1' } } as const;
      const spec = specOf({ id, agent: 'node', target, deadline: new Date(Date.now() + 900_000).toISOString() });
      await store.writeSpec(spec);
      return spec;
    };
    const refusal = (id: string) =>
      until(
        () => store.readStatus(id),
        (status) => status !== null,
      );

    test('makes no pod at all, and says why', async () => {
      nodeIsReady('w1');
      const { id } = await denied('run-1-1-1');
      const status = await refusal(id);
      expect(status).toMatchObject({ phase: 'refused', error: { code: 'policy/denied', message: 'the policy says no' } });
      expect(fake.requests.filter(({ method, path }) => method === 'POST' && path === pods)).toEqual([]);
    });

    test('makes one for others of the same run on the same node', async () => {
      nodeIsReady('w1');
      const { id } = await denied('run-1-1-1');
      const other = await write('w1', 'run-1-1-2', null);
      await comesOn('w1');
      expect(await refusal(id)).toMatchObject({ phase: 'refused' });
      expect(await store.readStatus(other.id)).toBeNull();
    });

    test('makes one all the same where something of the run may be in effect: its agent turns the rest away', async () => {
      nodeIsReady('w1');
      await write('w1', 'run-1-1-2', 'active');
      const { id } = await denied('run-1-1-1');
      await comesOn('w1');
      expect(await store.readStatus(id)).toBeNull();
    });
  });

  test('lets a record go whose agent ended it and was killed before it could, and no other', async () => {
    nodeIsReady('w1');
    const ended = await write('w1', 'run-1-1-1', 'reverted');
    const open = await write('w2', 'run-1-1-2', 'active');
    for (const { id } of [ended, open]) fake.objects.delete(injections, id, undefined);
    await until(
      () => fake.objects.get(injections, ended.id),
      (record) => record === null,
    );
    expect(fake.objects.get(injections, open.id)).not.toBeNull();
  });

  test('makes one where only an undo is left, on the node of that very name, however long', async () => {
    const node = `ip-10-0-0-1.${'region-'.repeat(9)}compute.internal`;
    nodeIsReady(node);
    const target = { kind: 'pod', service: 'shop', name: 'a', uid: 'a', locator: { namespace: 'shop', node } } as const;
    const scope = { agent: 'node', run: 'run-1', node } as const;
    const journal = createKubernetesJournal({ api, namespace: nodesNamespace, recordsNamespace: namespace, scope });
    await journal.open(specOf({ agent: 'node', target }), { was: 1 });
    await undoesAreLookedFor();
    await comesOn(node);
  });

  describe('when it refuses what no agent comes for', () => {
    const refusal = (id: string) =>
      until(
        () => store.readStatus(id),
        (status) => status !== null,
      );
    const journalOf = (node: string) =>
      createKubernetesJournal({
        api,
        namespace: nodesNamespace,
        recordsNamespace: namespace,
        scope: { agent: 'node', run: 'run-1', node },
      });

    test('no agent that comes late can begin it', async () => {
      const spec = await write('away', 'run-1-1-1', null);
      expect(await refusal(spec.id)).toMatchObject({ phase: 'refused' });
      expect(await journalOf('away').open(spec, { was: 1 })).toBe(false);
    });

    test('what an agent has begun meanwhile keeps its undo, and is not refused', async () => {
      const secrets = recordResources(nodesNamespace).secrets;
      const spec = specOf({ id: 'run-1-1-2', agent: 'node' });
      expect(await journalOf('away').open(spec, { was: 1 })).toBe(true);
      expect(await forestallJournal(api, secrets, spec)).toBe(false);
      expect(await journalOf('away').read(spec.id)).toMatchObject({ undo: { was: 1 } });
    });

    test('it may ask again after an answer that was lost', async () => {
      const secrets = recordResources(nodesNamespace).secrets;
      const spec = specOf({ id: 'run-1-1-3', agent: 'node' });
      expect(await forestallJournal(api, secrets, spec)).toBe(true);
      expect(await forestallJournal(api, secrets, spec)).toBe(true);
    });
  });

  test('takes the place of one that the kubelet lets wait after it failed again and again', async () => {
    nodeIsReady('w1');
    await write('w1', 'run-1-1-1', 'active');
    const pod = (await comesOn('w1'))!;
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' };
    fake.objects.put(pods, { ...pod, status: { phase: 'Running', containerStatuses: [{ state: { waiting } }] } });
    await until(
      () => podOn('w1')?.metadata.uid,
      (uid) => uid !== undefined && uid !== pod.metadata.uid,
    );
  });

  test('ends what was in effect on a node that is out of service, though the pod of its agent is still listed', async () => {
    nodeIsReady('w1');
    const spec = await write('w1', 'run-1-1-1', 'active');
    const scope = { agent: 'node', run: spec.runId, node: 'w1' } as const;
    await createKubernetesJournal({ api, namespace: nodesNamespace, recordsNamespace: namespace, scope }).open(spec, {});
    const pod = (await comesOn('w1'))!;
    // As the cluster sees a node without power: its pods run for ever, and are not ready.
    fake.objects.put(pods, { ...pod, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } });
    const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
    fake.objects.put(nodes, { metadata: { name: 'w1' }, spec: { taints }, status: {} });
    await until(
      () => store.readStatus(spec.id),
      (status) => status !== null && 'phase' in status && status.phase === 'reverted' && status.cause === 'target-gone',
    );
  });

  test('looks less and less often for a node that is gone and has left an undo, and makes its agent when it is back', async () => {
    const target = { kind: 'pod', service: 'shop', name: 'a', uid: 'a', locator: { namespace: 'shop', node: 'w1' } } as const;
    const scope = { agent: 'node', run: 'run-1', node: 'w1' } as const;
    const journal = createKubernetesJournal({ api, namespace: nodesNamespace, recordsNamespace: namespace, scope });
    await journal.open(specOf({ agent: 'node', target }), {});
    await undoesAreLookedFor();
    const asked = (node: string): number => fake.requests.filter(({ path }) => path === `${nodes}/${node}`).length;
    await until(
      () => asked('w1'),
      (times) => times > 0,
    );
    // One that only does not answer is asked about at each look.
    fake.objects.put(nodes, { metadata: { name: 'w2' }, spec: {}, status: {} });
    await write('w2', 'run-1-1-2', 'active');
    await until(
      () => asked('w2'),
      (times) => times >= 12,
      20_000,
    );
    expect(asked('w1')).toBeLessThanOrEqual(8);
    nodeIsReady('w1');
    await until(
      () => podOn('w1'),
      (pod) => pod !== undefined,
      20_000,
    );
  }, 60_000);

  test('gives an agent its time to start, whatever the clocks of the cluster say', async () => {
    nodeIsReady('w1');
    const { id } = await write('w1', 'run-1-1-1', null);
    const pod = (await comesOn('w1'))!;
    const looks = (): number => fake.requests.filter(({ method }) => method === 'POST').length;
    // Another agent that is made shows that this one was looked at again.
    nodeIsReady('w2');
    await write('w2', 'run-1-1-2', 'active');
    await comesOn('w2');
    expect(looks()).toBeGreaterThan(1);
    expect(podOn('w1')?.metadata.uid).toBe(pod.metadata.uid);
    expect(await store.readStatus(id)).toBeNull();
  });
});

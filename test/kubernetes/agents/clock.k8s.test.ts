import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import { createKubernetesJournal } from '../../../src/adapters/kubernetes/journal.ts';
import { createAgent } from '../../../src/agent/agent.ts';
import type { Agent } from '../../../src/agent/agent.ts';
import { faultByName } from '../../../src/faults/index.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { agentDependencies, openPolicy } from '../../agent/dependencies.ts';
import { applyRecordKinds, labApi, makeNamespace, removeNamespace } from '../drill-namespace.ts';
import { inject } from './injected.ts';
import type { InjectionWish } from './injected.ts';

const offMs = 3_000;
const namespace = `clock-${process.pid}`;
const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace } as const;
let api: KubeApi;
let store: KubernetesStore;
let agent: Agent | null = null;
let target: TargetRef;

beforeEach(async () => {
  api = await labApi();
  await applyRecordKinds(api);
  await makeNamespace(api, namespace);
  await api.create(configMaps, { metadata: { name: 'settings' }, data: { URL: 'right' } });
  const { metadata } = (await api.get(configMaps, 'settings'))!;
  const locator = { namespace, apiVersion: 'v1', resource: 'configmaps', name: 'settings' };
  target = { kind: 'config', service: 'web', name: 'settings', uid: metadata.uid ?? '', locator };
  store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope: null, clock: systemClock });
});

afterEach(async () => {
  await agent?.stop();
  store.close();
  await removeNamespace(api, namespace);
  api.close();
});

const url = async (): Promise<unknown> => (await api.get(configMaps, 'settings'))?.data?.['URL'];

/** The agent of the cluster, in this process, with a clock that says another time than everybody else's. */
async function startAgent(byMs: number): Promise<void> {
  const scope = { agent: 'cluster' } as const;
  const records = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope, clock: systemClock });
  agent = createAgent({
    ...agentDependencies('/nowhere', [faultByName('config-drift')!]),
    kind: 'cluster',
    store: records,
    watch: records.watch,
    journal: createKubernetesJournal({ api, namespace, recordsNamespace: namespace, scope }),
    clusterTools: createClusterTools(api, new AbortController().signal),
    policy: { ...openPolicy, environment: 'lab', allowFaults: ['config-drift'], allowServices: [], allowNamespaces: [namespace] },
    clock: { now: () => Date.now() + byMs, monotonic: systemClock.monotonic },
  });
  await agent.start();
}

const drift = (changes: Partial<InjectionWish> = {}) =>
  inject(store, { fault: 'config-drift', agent: 'cluster', target, params: { key: 'URL', change: 'remove' }, ...changes });

test.each([offMs, -offMs])('an agent whose clock is off by %d ms ends a fault by its lease as any other', async (byMs) => {
  await startAgent(byMs);
  const injected = await drift({ leaseSeconds: 3 });
  await injected.reaches('active');
  expect(await url()).toBeUndefined();
  injected.leave();
  expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'lease' });
  expect(await url()).toBe('right');
});

test.each([offMs, -offMs])('an agent whose clock is off by %d ms misses a deadline by no more than that', async (byMs) => {
  await startAgent(byMs);
  const deadline = Date.now() + 8_000;
  const injected = await drift({ deadlineSeconds: 8 });
  await injected.reaches('active');
  const ended = await injected.ends();
  expect(ended).toMatchObject({ phase: 'reverted', cause: 'deadline' });
  // Its own stamp, as it saw it: at the deadline by its own clock, which is off.
  expect(Date.parse(ended.revertedAt!) - byMs).toBeGreaterThanOrEqual(deadline - offMs);
  expect(await url()).toBe('right');
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import { createKubernetesJournal } from '../../../src/adapters/kubernetes/journal.ts';
import { createPhaseNarrator, readInjections } from '../../../src/activities/injection-watch.ts';
import { createAgent } from '../../../src/agent/agent.ts';
import type { Agent } from '../../../src/agent/agent.ts';
import { faultByName } from '../../../src/faults/index.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import { isTerminal } from '../../../src/domain/injection/records.ts';
import { buildRunRecord } from '../../../src/domain/measure/build-record.ts';
import type { MeasurementInput } from '../../../src/domain/measure/input.ts';
import type { PlannedEnvironment, TargetRef } from '../../../src/domain/plan/plan.ts';
import type { TimelineEvent } from '../../../src/domain/run-record.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { agentDependencies, openPolicy } from '../../agent/dependencies.ts';
import { story } from '../../domain/measure/stories.ts';
import { applyRecordKinds, labApi, makeNamespace, removeNamespace } from '../drill-namespace.ts';
import { inject } from './injected.ts';
import type { InjectionWish } from './injected.ts';

const offMs = 3_000;
/** Renewed every 2 s: a busy machine must not let it lapse before it is meant to. */
const leaseSeconds = 10;
/** More than a lease: one that was judged by clocks would be over at once, or go on as long again. */
const farOffMs = 20_000;
const namespace = `clock-${process.pid}`;
const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace } as const;
let api: KubeApi;
let store: KubernetesStore;
let agent: Agent | null = null;
let records: KubernetesStore | null = null;
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
  records?.close();
  store.close();
  await removeNamespace(api, namespace);
  api.close();
});

const url = async (): Promise<unknown> => (await api.get(configMaps, 'settings'))?.data?.['URL'];

/** The agent of the cluster, in this process, with a clock that says another time than everybody else's. */
async function startAgent(byMs: number): Promise<void> {
  const scope = { agent: 'cluster' } as const;
  records = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope, clock: systemClock });
  agent = createAgent({
    ...agentDependencies('/nowhere', [faultByName('config-drift')!]),
    kind: 'cluster',
    store: records,
    watch: records.watch,
    pollMs: records.pollMs,
    journal: createKubernetesJournal({ api, namespace, recordsNamespace: namespace, scope }),
    clusterTools: createClusterTools(api, {
      signal: new AbortController().signal,
      needs: [],
      clock: systemClock,
      image: 'agent',
    }),
    policy: { ...openPolicy, environment: 'lab', allowFaults: ['config-drift'], allowServices: [], allowNamespaces: [namespace] },
    clock: { now: () => Date.now() + byMs, monotonic: systemClock.monotonic },
  });
  await agent.start();
}

const drift = (changes: Partial<InjectionWish> = {}) =>
  inject(store, { fault: 'config-drift', agent: 'cluster', target, params: { key: 'URL', change: 'remove' }, ...changes });

test.each([farOffMs, -farOffMs])('an agent whose clock is off by %d ms ends a fault by its lease as any other', async (byMs) => {
  await startAgent(byMs);
  const injected = await drift({ leaseSeconds });
  await injected.reaches('active');
  expect(await url()).toBeUndefined();
  injected.leave();
  const leftAt = performance.now();
  expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'lease' });
  // Room for a busy machine, and half of what a lease by that clock would go on for.
  expect(performance.now() - leftAt).toBeLessThan(leaseSeconds * 1000 + farOffMs / 2);
  expect(await url()).toBe('right');
});

test.each([offMs, -offMs])('an agent whose clock is off by %d ms misses a deadline by no more than that', async (byMs) => {
  await startAgent(byMs);
  const deadline = Date.now() + 15_000;
  const injected = await drift({ deadlineSeconds: 15 });
  await injected.reaches('active');
  const ended = await injected.ends();
  expect(ended).toMatchObject({ phase: 'reverted', cause: 'deadline' });
  // Its own stamp, as it saw it: at the deadline by its own clock, which is off.
  expect(Date.parse(ended.revertedAt!) - byMs).toBeGreaterThanOrEqual(deadline - offMs);
  expect(await url()).toBe('right');
});

test.each([offMs, -offMs])('T0 by an agent whose clock is off by %d ms is told on our clock', async (byMs) => {
  await startAgent(byMs);
  const begun = Date.now();
  const timeline: TimelineEvent[] = [
    { at: new Date().toISOString(), source: 'run', kind: 'run.commanded', text: 'released', data: { stage: 1 } },
  ];
  const injected = await drift();
  const { spec } = injected;
  const event = (one: Omit<TimelineEvent, 'at'>): void => void timeline.push({ at: new Date().toISOString(), ...one });
  const narrate = createPhaseNarrator({ event }, { specs: [spec], earlier: [], clock: systemClock });
  let lastThere = Date.now();
  let gone: number | null = null;
  for (;;) {
    const asked = Date.now();
    if ((await url()) === undefined) gone ??= Date.now();
    else if (gone === null) lastThere = asked;
    const view = await readInjections(store, [spec]);
    narrate(view);
    const [status] = view.statuses;
    if (status?.phase === 'active') await injected.revert();
    if (status === undefined || !isTerminal(status.phase)) continue;
    const input: MeasurementInput = { ...story(), timeline, injections: [{ spec, status }] };
    const { clocks, dataQuality } = buildRunRecord({ ...input, plan: { ...input.plan, environment: inThisCluster() } });
    const [lo, hi] = [Date.parse(clocks.t0!.lo), Date.parse(clocks.t0!.hi)];
    process.stdout.write(`T0 within ${hi - lo} ms; ${JSON.stringify(dataQuality.clockOffsets.slice(1))}\n`);
    // Seen from outside: there until lastThere, read back as gone no earlier.
    expect(hi).toBeGreaterThanOrEqual(lastThere);
    expect(lo).toBeLessThanOrEqual(gone ?? Infinity);
    // And no wider than all of it took here, however slow that was.
    expect(lo).toBeGreaterThanOrEqual(begun);
    expect(hi).toBeLessThanOrEqual(Date.now());
    expect(dataQuality.notes.join()).toContain(byMs > 0 ? 'is ahead by' : 'is behind by');
    return;
  }
});

/** Where a plan for this cluster says that its records are. */
function inThisCluster(): PlannedEnvironment {
  const { name, prometheusUrl, alertmanagerUrls, receiverUrl, archiveDirectory } = story().plan.environment;
  const links = { name, prometheusUrl, alertmanagerUrls, receiverUrl, archiveDirectory };
  return { ...links, platform: 'kubernetes', cluster: { context: null, kubeconfig: null, namespace } };
}

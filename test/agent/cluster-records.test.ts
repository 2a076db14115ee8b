import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import { createKubernetesJournal } from '../../src/adapters/kubernetes/journal.ts';
import { createAgent } from '../../src/agent/agent.ts';
import type { Agent } from '../../src/agent/agent.ts';
import type { InjectionSpec, InjectionStatus } from '../../src/domain/injection/records.ts';
import { systemClock } from '../../src/ports/clock.ts';
import { isCorrupt } from '../../src/ports/injections.ts';
import type { KubeApi } from '../../src/ports/kubernetes.ts';
import { startFakeKubeApi } from '../fakes/kube-api.ts';
import type { FakeKubeApi } from '../fakes/kube-api.ts';
import { agentDependencies } from './dependencies.ts';
import { permitOf, specOf } from './records.ts';
import { createTemporaryFault } from './temporary-fault.ts';
import type { TemporaryFault } from './temporary-fault.ts';
import { until } from './until.ts';

const namespace = 'drills';
const injections = `/apis/firedrill.dev/v1/namespaces/${namespace}/injections`;
const configMaps = `/api/v1/namespaces/${namespace}/configmaps`;
const secrets = `/api/v1/namespaces/${namespace}/secrets`;
/** Beside the lease: what the agent's tick, the revert and the looking take, with room for a busy machine. */
const slackMs = 5_000;
/** So long that twice as long is beyond that. */
const leaseSeconds = 8;

/** The agent's shell and reducer are those of the host: what is looked at here is what only a cluster can do to them. */
describe('an agent over the records of a cluster', () => {
  let fake: FakeKubeApi;
  let api: KubeApi;
  let folder: string;
  let file: TemporaryFault;
  let worker: KubernetesStore;
  let store: KubernetesStore;
  let agent: Agent;
  const spec = specOf({ fault: 'file', leaseSeconds: 3 });

  beforeEach(async () => {
    fake = await startFakeKubeApi();
    api = createKubeApi(fake.access, { timeoutMs: 1_000 });
    folder = mkdtempSync(join(tmpdir(), 'agent-'));
    file = createTemporaryFault(folder, () => fake.objects.get(secrets, `journal-${spec.id}`) !== null);
    worker = open(null);
    store = open({ agent: 'cluster' });
    agent = await start(store);
  });
  afterEach(async () => {
    await agent.stop();
    worker.close();
    store.close();
    api.close();
    await fake.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (scope: { agent: 'cluster' } | null): KubernetesStore =>
    createKubernetesStore({ api, namespace, journalNamespace: namespace, scope, clock: systemClock, quietMs: 2_000 });

  async function start(store: KubernetesStore): Promise<Agent> {
    const journal = createKubernetesJournal({ api, namespace, recordsNamespace: namespace, scope: { agent: 'cluster' } });
    const made = createAgent({
      ...agentDependencies(folder, [file.fault]),
      store,
      journal,
      watch: store.watch,
      pollMs: store.pollMs,
    });
    await made.start();
    return made;
  }

  const status = async (): Promise<InjectionStatus | null> => {
    const [read] = await worker.readStatuses([spec.id]);
    return read === undefined || isCorrupt(read) ? null : read;
  };
  const phaseIs = (phase: string) => until(status, (read) => read?.phase === phase);
  const activate = async (changes: Partial<InjectionSpec> = {}): Promise<void> => {
    await worker.writePermit(permitOf());
    await worker.writeSpec({ ...spec, ...changes });
    await until(status, (read) => read?.phase === 'active' && read.verifiedAt !== undefined);
    expect(file.inEffect()).toBe(true);
  };

  test('makes an injection true and false, and lets its record go', async () => {
    await activate();
    await worker.writePermit(permitOf({ revert: true }));
    expect(await phaseIs('reverted')).toMatchObject({ cause: 'asked' });
    expect(file.inEffect()).toBe(false);
    await until(
      () => fake.objects.get(injections, spec.id)?.metadata.finalizers,
      (finalizers) => finalizers?.length === 0,
    );
  });

  test('reverts the one whose record is deleted, and the record goes when that is verified', async () => {
    await activate();
    fake.objects.delete(injections, spec.id, undefined);
    await until(
      () => fake.objects.get(injections, spec.id),
      (record) => record === null,
    );
    expect(file.inEffect()).toBe(false);
    expect(await phaseIs('reverted')).toMatchObject({ cause: 'asked' });
  });

  test('lets a record go that was deleted before it was begun, and does not begin it', async () => {
    await worker.writeSpec(spec);
    fake.objects.delete(injections, spec.id, undefined);
    await worker.writePermit(permitOf());
    await until(
      () => fake.objects.get(injections, spec.id),
      (record) => record === null,
    );
    expect(file.injects()).toBe(0);
  });

  test('reverts what was taken away by force, and says so in a record of its own', async () => {
    await activate();
    const found = fake.objects.get(injections, spec.id);
    if (found === null) throw new Error('no record');
    fake.objects.put(injections, { ...found, metadata: { ...found.metadata, finalizers: [] } });
    fake.objects.delete(injections, spec.id, undefined);
    await until(
      () => file.inEffect(),
      (inEffect) => !inEffect,
    );
    expect(await phaseIs('reverted')).toMatchObject({ cause: 'corrupt' });
    expect(fake.objects.get(injections, spec.id)?.spec).toBeUndefined();
  });

  test('reverts when its lease is over, though the API server stands still, and says so when that is back', async () => {
    await activate({ leaseSeconds });
    const frozenAt = performance.now();
    fake.freeze();
    await until(
      () => file.inEffect(),
      (inEffect) => !inEffect,
      2 * leaseSeconds * 1000,
    );
    expect(performance.now() - frozenAt).toBeLessThan(leaseSeconds * 1000 + slackMs);
    fake.thaw();
    // Whoever reads it has heard nothing for so long either.
    const heard = await until(
      () => status().catch(() => null),
      (read) => read?.phase === 'reverted',
    );
    expect(heard).toMatchObject({ cause: 'lease' });
  });

  test('counts a lease from before a renewal that it heard of late', async () => {
    const leaseMs = leaseSeconds * 1000;
    await activate({ leaseSeconds });
    fake.freeze();
    // Stored, and its writer is dead; the server says so only so late that a lease from then would end far beyond what is allowed.
    const permits = injections.replace('injections', 'permits');
    const stored = performance.now();
    fake.objects.merge(permits, spec.runId, { spec: { renewal: 2 } }, undefined);
    await until(
      () => performance.now() - stored,
      (ms) => ms > leaseMs - 1_000,
    );
    fake.thaw();
    await until(
      () => file.inEffect(),
      (inEffect) => !inEffect,
    );
    expect(performance.now() - stored).toBeLessThan(leaseMs + slackMs);
  });

  test.each(['while it looks away', 'while it hears nothing'])('takes a halt that is set and lifted %s', async (when) => {
    await activate();
    if (when === 'while it hears nothing') fake.freeze();
    fake.objects.put(configMaps, { metadata: { name: 'firedrill-halt' } });
    fake.objects.delete(configMaps, 'firedrill-halt', undefined);
    fake.thaw();
    expect(await phaseIs('reverted')).toMatchObject({ cause: 'halt' });
  });

  test('refuses what it could not journal, though the journal was stored and only the answer lost', async () => {
    const name = `journal-${spec.id}`;
    fake.intercept(({ method, path }) => {
      if (method !== 'POST' || path !== secrets) return null;
      fake.objects.put(secrets, { metadata: { name, labels: { 'firedrill.dev/record': 'journal' } }, data: { undo: 'e30=' } });
      return { status: 504 };
    });
    await worker.writePermit(permitOf());
    await worker.writeSpec(spec);
    expect(await phaseIs('refused')).toMatchObject({ error: { code: 'upstream/unreachable' } });
    expect(file.injects()).toBe(0);
    await until(
      () => fake.objects.get(secrets, name),
      (journal) => journal?.data === undefined,
    );
  });

  test('refuses an injection whose id was used before, though nothing else is left of that one', async () => {
    await activate();
    await worker.writePermit(permitOf({ revert: true }));
    await phaseIs('reverted');
    fake.objects.delete(injections, spec.id, undefined);
    await until(
      () => fake.objects.get(injections, spec.id),
      (record) => record === null,
    );
    await agent.stop();
    store.close();
    store = open({ agent: 'cluster' });
    agent = await start(store);
    fake.objects.delete(injections.replace('injections', 'permits'), spec.runId, undefined);
    await worker.writePermit(permitOf());
    await worker.writeSpec(spec);
    const refused = await phaseIs('refused');
    expect(refused?.error).toMatchObject({ code: 'claim/taken', message: expect.stringContaining('ids are never reused') });
    expect(file.injects()).toBe(1);
  });

  test('that comes back reverts from the journal what an earlier life began, also where the record is gone', async () => {
    await activate();
    agent.abandon();
    store.close();
    const found = fake.objects.get(injections, spec.id);
    if (found === null) throw new Error('no record');
    fake.objects.put(injections, { ...found, metadata: { ...found.metadata, finalizers: [] } });
    fake.objects.delete(injections, spec.id, undefined);
    store = open({ agent: 'cluster' });
    agent = await start(store);
    await until(
      () => file.inEffect(),
      (inEffect) => !inEffect,
    );
    await phaseIs('reverted');
    expect(file.injects()).toBe(1);
  });
});

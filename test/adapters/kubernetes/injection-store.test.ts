import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import { createKubernetesJournal } from '../../../src/adapters/kubernetes/journal.ts';
import type { AgentScope } from '../../../src/adapters/kubernetes/record-names.ts';
import type { InjectionStatus } from '../../../src/domain/injection/records.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { permitOf, specOf } from '../../agent/records.ts';
import { until } from '../../agent/until.ts';
import { injectionStoreContract } from '../../contracts/injection-store.ts';
import { journalContract } from '../../contracts/journal.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const namespace = 'drills';
const records = `/apis/firedrill.dev/v1/namespaces/${namespace}`;
const core = `/api/v1/namespaces/${namespace}`;
const status = (changes: Partial<InjectionStatus>): InjectionStatus => ({
  schemaVersion: 1,
  id: 'run-1-1-1',
  runId: 'run-1',
  phase: 'active',
  ...changes,
});

function stand(fake: FakeKubeApi) {
  const api = createKubeApi(fake.access, { timeoutMs: 1_000 });
  const opened: KubernetesStore[] = [];
  const open = (scope: AgentScope | null = { agent: 'cluster' }): KubernetesStore => {
    const store = createKubernetesStore({
      api,
      namespace,
      journalNamespace: namespace,
      scope,
      clock: systemClock,
      quietMs: 2_000,
    });
    opened.push(store);
    return store;
  };
  const close = async (): Promise<void> => {
    opened.forEach((store) => store.close());
    api.close();
    await fake.close();
  };
  return {
    api,
    open,
    close,
    journal: (scope: AgentScope) => createKubernetesJournal({ api, namespace, recordsNamespace: namespace, scope }),
  };
}

injectionStoreContract(async () => {
  const fake = await startFakeKubeApi();
  const { open, close } = stand(fake);
  const at = {
    spec: `${records}/injections`,
    status: `${records}/injections`,
    permit: `${records}/permits`,
    halt: `${core}/configmaps`,
    confirmation: `${records}/injections`,
  };
  return {
    open: () => open(),
    async damage(record, id) {
      const name = record === 'halt' ? 'firedrill-halt' : id;
      const { metadata, ...rest } = fake.objects.get(at[record], name) ?? { metadata: { name } };
      if (record === 'confirmation') {
        const annotations = { 'firedrill.dev/confirmed-injected': 'ann' };
        fake.objects.put(at[record], { ...rest, metadata: { ...metadata, annotations } });
        return;
      }
      const broken =
        record === 'halt' ? { data: { by: 'ann' } } : record === 'status' ? { ...rest, status: { phase: 7 } } : { spec: 7 };
      fake.objects.put(at[record], { ...broken, metadata });
    },
    close,
  };
});

journalContract(async () => {
  const fake = await startFakeKubeApi();
  const { journal, close } = stand(fake);
  const whole = new Map<string, string>();
  const secrets = `${core}/secrets`;
  fake.objects.onEvent = ({ before, after }) => {
    if (after !== null && before !== null) whole.set(after.metadata.name, before.data?.['undo'] ?? '');
  };
  const change = (id: string, data: Record<string, string>): void => {
    const found = fake.objects.get(secrets, `journal-${id}`);
    if (found !== null) fake.objects.put(secrets, { ...found, data: { ...found.data, ...data } });
  };
  return {
    open: () => journal({ agent: 'cluster' }),
    // A write of the API is whole or not at all.
    tear: async (id) => change(id, { undo: whole.get(`journal-${id}`) ?? '' }),
    damage: async (id) => change(id, { undo: 'Z2FyYmFnZQ==' }),
    close,
  };
});

describe('records in a cluster', () => {
  let fake: FakeKubeApi;
  let under: ReturnType<typeof stand>;
  let worker: KubernetesStore;
  let agent: KubernetesStore;

  beforeEach(async () => {
    fake = await startFakeKubeApi();
    under = stand(fake);
    worker = under.open(null);
    agent = under.open();
  });
  afterEach(() => under.close());

  const spec = specOf();
  const begun = async (): Promise<void> => {
    await worker.writeSpec(spec);
    await until(
      () => agent.readSpecs(),
      (specs) => specs.length === 1,
    );
    await under.journal({ agent: 'cluster' }).open(spec, { was: 'secret' });
    await agent.writeStatus(status({ undo: { was: 'secret' } }));
  };
  const record = () => fake.objects.get(`${records}/injections`, spec.id);

  test('claim what no other installation has, and read nothing of its records, which are not theirs to read', async () => {
    await agent.takeClaims('run-0-1-1', ['pod:a']);
    const leases = '/apis/coordination.k8s.io/v1';
    const [{ metadata }] = fake.objects.list(`${leases}/namespaces/${namespace}/leases`) as [KubeObject];
    await agent.releaseClaims('run-0-1-1');
    const theirs = { metadata: { name: metadata.name, namespace: 'others' }, spec: { holderIdentity: 'run-9-1-1' } };
    fake.objects.put(`${leases}/leases`, theirs);
    const before = fake.requests.length;
    expect(await agent.takeClaims(spec.id, ['pod:a'])).toEqual({ taken: false, claim: 'pod:a', holder: 'others/run-9-1-1' });
    expect(fake.requests.slice(before).filter(({ path }) => path.includes('injections'))).toEqual([]);
    expect(fake.objects.list(`${leases}/namespaces/${namespace}/leases`)).toEqual([]);
  });

  test('are shown to the agent that carries them out, and all of them to the worker', async () => {
    const target = { ...spec.target, locator: { node: 'w1' } };
    await worker.writeSpec(spec);
    await worker.writeSpec({ ...spec, id: 'run-1-2-1', agent: 'node', target });
    await worker.writeSpec({ ...spec, id: 'run-1-2-2', agent: 'node', target: { ...target, locator: { node: 'w2' } } });
    const shown = async (store: KubernetesStore) => (await store.readSpecs()).map(({ id }) => id);
    await until(
      () => shown(worker),
      (ids) => ids.length === 3,
    );
    expect(await shown(under.open())).toEqual(['run-1-1-1']);
    expect(await shown(under.open({ agent: 'node', run: 'run-1', node: 'w1' }))).toEqual(['run-1-2-1']);
  });

  test('hold of an undo where it is and its hash, and never the undo', async () => {
    await begun();
    expect(record()?.status).toMatchObject({
      undo: { secret: 'journal-run-1-1-1', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(JSON.stringify(record())).not.toContain('was');
  });

  test('whose deletion somebody asked for stay until their injection has ended', async () => {
    await begun();
    fake.objects.delete(`${records}/injections`, spec.id, undefined);
    expect(
      await until(
        () => agent.readWithdrawn(),
        (ids) => ids.length > 0,
      ),
    ).toEqual([spec.id]);
    await expect(agent.releaseClaims(spec.id)).rejects.toMatchObject({ code: 'internal/bug' });
    expect(record()).not.toBeNull();
    await agent.writeStatus(status({ phase: 'reverted' }));
    await until(
      () => worker.readStatuses([spec.id]),
      ([read]) => read !== undefined && 'phase' in read && read.phase === 'reverted',
    );
    await agent.releaseClaims(spec.id);
    expect(record()).toBeNull();
    // The run that watched it end need not find it again.
    await until(
      () => worker.readSpecs(),
      (specs) => specs.length === 0,
    );
    expect(await worker.readStatuses([spec.id])).toMatchObject([{ id: spec.id, phase: 'reverted' }]);
  });

  test('keep other finalizers than ours', async () => {
    await begun();
    const found = record();
    if (found === null) throw new Error('no record');
    const finalizers = [...(found.metadata.finalizers ?? []), 'other/one'];
    fake.objects.put(`${records}/injections`, { ...found, metadata: { ...found.metadata, finalizers } });
    await agent.writeStatus(status({ phase: 'reverted' }));
    await agent.releaseClaims(spec.id);
    expect(record()?.metadata.finalizers).toEqual(['other/one']);
  });

  test('that were taken away by force come back to say how it ended, without a spec', async () => {
    await begun();
    const found = record();
    if (found !== null) fake.objects.put(`${records}/injections`, { ...found, metadata: { ...found.metadata, finalizers: [] } });
    fake.objects.delete(`${records}/injections`, spec.id, undefined);
    await until(
      () => agent.readSpecs(),
      (specs) => specs.length === 0,
    );
    await agent.writeStatus(status({ phase: 'reverted' }));
    await agent.releaseClaims(spec.id);
    expect(await agent.readSpecs()).toEqual([]);
    expect(await worker.readStatus(spec.id)).toEqual(status({ phase: 'reverted' }));
  });

  test('of an injection that has ended hold no undo any more, and still let nobody begin it again', async () => {
    await begun();
    await agent.writeStatus(status({ phase: 'reverted' }));
    await agent.releaseClaims(spec.id);
    const journal = under.journal({ agent: 'cluster' });
    expect(fake.objects.get(`${core}/secrets`, 'journal-run-1-1-1')?.data).toBeUndefined();
    expect(await journal.ids()).toEqual([]);
    expect(await journal.open(spec, { was: 2 })).toBe(false);
  });

  test('whose journal somebody took away are damaged, and were not never begun', async () => {
    await begun();
    fake.objects.delete(`${core}/secrets`, 'journal-run-1-1-1', undefined);
    expect(await under.journal({ agent: 'cluster' }).read(spec.id)).toMatchObject({ corrupt: true });
  });

  test('are sent in changes: what has not changed is not sent again', async () => {
    await begun();
    const sent: number[] = [];
    fake.objects.onEvent = () => sent.push(1);
    await agent.writeStatus(status({ undo: { was: 'secret' } }));
    expect(sent).toEqual([]);
  });

  test('cost requests by the watch and not by the injection', async () => {
    for (let index = 0; index < 200; index += 1) await worker.writeSpec({ ...spec, id: `run-1-1-${index}` });
    await until(
      () => agent.readSpecs(),
      (specs) => specs.length === 200,
    );
    await agent.readHalt();
    const before = fake.requests.length;
    for (let look = 0; look < 100; look += 1) {
      await Promise.all([agent.readSpecs(), agent.readWithdrawn(), agent.readStatuses(), agent.readHalt()]);
    }
    expect(fake.requests.length - before).toBeLessThanOrEqual(2);
  });

  test('that cannot be heard of are not told as they were, but as unreachable', async () => {
    await begun();
    fake.freeze();
    await until(
      () =>
        agent.readSpecs().then(
          () => null,
          (error: { code?: unknown }) => error.code,
        ),
      (code) => code === 'upstream/unreachable',
      8_000,
    );
    fake.thaw();
    await until(
      () => agent.readSpecs().catch(() => []),
      (specs) => specs.length === 1,
    );
  });

  describe('a look at a permit', () => {
    const looked = (renewal: number) =>
      until(
        () => agent.lookAtPermit('run-1'),
        ({ permit }) => permit !== null && 'renewal' in permit && permit.renewal === renewal,
      );

    test('shows a revert at once, also while the server answers no question', async () => {
      await worker.writePermit(permitOf());
      await looked(1);
      fake.intercept(({ method, path }) => (method === 'GET' && path.endsWith('/permits/run-1') ? { status: 500 } : null));
      await worker.writePermit(permitOf({ revert: true }));
      await until(
        () => agent.lookAtPermit('run-1'),
        ({ permit }) => permit !== null && 'revert' in permit && permit.revert,
      );
    });

    test('shows a renewal that was only heard of, as old as it may be: from the look before it on', async () => {
      await worker.writePermit(permitOf());
      await looked(1);
      fake.intercept(({ method, path }) => (method === 'GET' && path.endsWith('/permits/run-1') ? { status: 500 } : null));
      const asked = systemClock.monotonic();
      await worker.writePermit(permitOf({ renewal: 2, releasedStage: 1 }));
      const heard = await looked(2);
      expect(heard).toMatchObject({ permit: { releasedStage: 1 } });
      expect(heard.since).toBeLessThan(asked);
      // The same look as long as nothing newer comes: it earns nothing again.
      expect(await agent.lookAtPermit('run-1')).toBe(heard);
    });

    const asked = () => fake.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('/permits/run-1')).length;

    test('calls nobody back while it shows nothing new', async () => {
      await worker.writePermit(permitOf());
      const first = await looked(1);
      let calls = 0;
      const unwatch = agent.watch(() => (calls += 1));
      const before = asked();
      await until(
        () => agent.lookAtPermit('run-1').then(asked),
        (count) => count >= before + 2,
      );
      expect(calls).toBe(0);
      expect(await agent.lookAtPermit('run-1')).toBe(first);
      unwatch();
    });

    test('asks when what it hears of is no later renewal: which of two came last cannot be told by them', async () => {
      await worker.writePermit(permitOf({ renewal: 2 }));
      await looked(2);
      await worker.writePermit(permitOf({ renewal: 2, freeze: true }));
      const before = asked();
      await until(
        () => agent.lookAtPermit('run-1'),
        ({ permit }) => permit !== null && 'freeze' in permit && permit.freeze,
      );
      expect(asked()).toBeGreaterThan(before);
    });

    test('asks again at once for what it hears of while an answer is on its way, which may be older', async () => {
      await worker.writePermit(permitOf());
      await looked(1);
      fake.stall(({ method, path }) => method === 'GET' && path.endsWith('/permits/run-1'));
      const before = asked();
      await until(
        () => agent.lookAtPermit('run-1').then(asked),
        (count) => count > before,
      );
      const heard = new Promise<void>((resolve) => agent.watch(resolve));
      await worker.writePermit(permitOf({ freeze: true }));
      await heard;
      // Nobody looks after this one: the answer that comes is followed by another question by itself.
      await agent.lookAtPermit('run-1');
      expect(asked()).toBe(before + 1);
      fake.thaw();
      await until(asked, (count) => count === before + 2);
    });

    test('says that it is gone as soon as it is', async () => {
      await worker.writePermit(permitOf());
      await looked(1);
      fake.objects.delete(`${records}/permits`, 'run-1', undefined);
      await until(
        () => agent.lookAtPermit('run-1'),
        ({ permit }) => permit === null,
      );
    });
  });

  test('a watch calls back for what others write, and not for a status', async () => {
    await begun();
    let calls = 0;
    const unwatch = agent.watch(() => (calls += 1));
    await agent.readHalt();
    await agent.lookAtPermit('run-1');
    const quiet = calls;
    await agent.writeStatus(status({ phase: 'reverting' }));
    await until(
      () => agent.readStatuses(),
      ([read]) => read !== undefined && 'phase' in read && read.phase === 'reverting',
    );
    expect(calls).toBe(quiet);
    await worker.writeHalt({ by: 'ann', why: 'drill', at: '2026-01-01T12:00:00.000Z' });
    await until(
      () => calls,
      (count) => count > quiet,
    );
    unwatch();
  });

  test('names that the cluster does not take are refused before it is asked', async () => {
    await expect(worker.writeSpec(specOf({ id: 'Run_1' }))).rejects.toMatchObject({ code: 'spec/invalid' });
    expect(fake.requests).toEqual([]);
  });

  test('runs with long names have labels all the same, and not those of another', async () => {
    const runId = `run-${'x'.repeat(100)}`;
    await worker.writeSpec(specOf({ id: `${runId}-1-1`, runId }));
    const label = fake.objects.get(`${records}/injections`, `${runId}-1-1`)?.metadata.labels?.['firedrill.dev/run'];
    expect(label?.length).toBeLessThanOrEqual(63);
    expect(label).not.toBe(runId.slice(0, 63));
  });
});

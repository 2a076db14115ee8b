import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { kubectl } from '../../lab/kubernetes/kubectl.ts';
import { adminKubeconfig } from '../../lab/kubernetes/layout.ts';
import { createKubeApi } from '../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import { createKubernetesJournal } from '../../src/adapters/kubernetes/journal.ts';
import { kubeconfigAccess } from '../../src/adapters/kubernetes/kubeconfig.ts';
import { recordResources } from '../../src/adapters/kubernetes/record-names.ts';
import type { InjectionStatus } from '../../src/domain/injection/records.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { KubeApi } from '../../src/ports/kubernetes.ts';
import { permitOf, specOf } from '../agent/records.ts';
import { until } from '../agent/until.ts';
import { injectionStoreContract } from '../contracts/injection-store.ts';
import { journalContract } from '../contracts/journal.ts';
import { applyRecordKinds, labApi, makeNamespace, removeNamespace } from './drill-namespace.ts';

let api: KubeApi;
let made = 0;
const namespaces: string[] = [];

beforeAll(async () => {
  api = await labApi();
  await applyRecordKinds(api);
});
afterAll(async () => {
  await Promise.all(namespaces.map((name) => removeNamespace(api, name)));
  api.close();
});

async function newNamespace(): Promise<string> {
  made += 1;
  const name = `store-test-${process.pid}-${made}`;
  await makeNamespace(api, name);
  namespaces.push(name);
  return name;
}

function storesIn(namespace: string) {
  const opened: KubernetesStore[] = [];
  return {
    open(): KubernetesStore {
      const scope = { agent: 'cluster' } as const;
      const store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope, clock: systemClock });
      opened.push(store);
      return store;
    },
    close: () => opened.forEach((store) => store.close()),
  };
}

const journalIn = (namespace: string) =>
  createKubernetesJournal({ api, namespace, recordsNamespace: namespace, scope: { agent: 'cluster' } });

describe('the store on a real API server', () => {
  injectionStoreContract(async () => {
    const namespace = await newNamespace();
    const { injections, permits, configMaps, leases } = recordResources(namespace);
    const stores = storesIn(namespace);
    return {
      open: () => stores.open(),
      async damage(record, id) {
        // What the API server itself lets through: a version that we do not know.
        const version = { schemaVersion: 2 };
        if (record === 'halt') await api.patch(configMaps, 'firedrill-halt', { type: 'merge', body: { data: { at: 'noon' } } });
        if (record === 'permit') await api.patch(permits, id, { type: 'merge', body: { spec: version } });
        if (record === 'confirmation') {
          const annotations = { 'firedrill.dev/confirmed-injected': 'ann' };
          await api.patch(injections, id, { type: 'merge', body: { metadata: { annotations } } });
        }
        if (record === 'status') {
          await api.patch(injections, id, { type: 'merge', body: { status: version } }, { subresource: 'status' });
        }
      },
      // Claims are looked for in all namespaces: the next test's too.
      async close() {
        stores.close();
        const { items } = await api.list(leases, { metadataOnly: true });
        await Promise.all(items.map(({ metadata }) => api.delete(leases, metadata.name)));
      },
    };
  }, ['spec']);
});

describe('claims of two installations', () => {
  const claim = 'pod:uid-of-web';
  let one: ReturnType<typeof storesIn> & { readonly namespace: string };
  let other: typeof one;
  beforeEach(async () => {
    const [first, second] = [await newNamespace(), await newNamespace()];
    one = { namespace: first, ...storesIn(first) };
    other = { namespace: second, ...storesIn(second) };
  });
  afterEach(() => {
    one.close();
    other.close();
  });

  test('are seen by each other: what one holds the other is told of, with its place, until it is given back', async () => {
    const [ours, theirs] = [one.open(), other.open()];
    expect(await ours.takeClaims('run-1-1-1', [claim])).toEqual({ taken: true });
    const refused = { taken: false, claim, holder: `${one.namespace}/run-1-1-1` };
    expect(await theirs.takeClaims('run-2-1-1', ['pod:free', claim])).toEqual(refused);
    // Nothing of the refused one is left in the way of anybody.
    expect(await ours.takeClaims('run-3-1-1', ['pod:free'])).toEqual({ taken: true });
    // Whoever comes back for what it holds is not in its own way.
    expect(await ours.takeClaims('run-1-1-1', [claim])).toEqual({ taken: true });
    await ours.releaseClaims('run-1-1-1');
    expect(await theirs.takeClaims('run-2-1-1', [claim])).toEqual({ taken: true });
  });

  test('are never held by both, however often they try at the same moment', async () => {
    const stores = [one.open(), other.open()];
    for (let round = 0; round < 30; round += 1) {
      const answers = await Promise.all(stores.map((store, at) => store.takeClaims(`run-${at}-${round}-1`, [`pod:${round}`])));
      expect(answers.filter(({ taken }) => taken).length).toBeLessThanOrEqual(1);
    }
  });
});

describe('the journal on a real API server', () => {
  journalContract(async () => {
    const namespace = await newNamespace();
    const { secrets } = recordResources(namespace);
    const undo = (value: object) => ({ data: { undo: Buffer.from(JSON.stringify(value)).toString('base64') } });
    return {
      open: () => journalIn(namespace),
      tear: async (id) => void (await api.patch(secrets, `journal-${id}`, { type: 'merge', body: undo({ was: 1 }) })),
      damage: async (id) => void (await api.patch(secrets, `journal-${id}`, { type: 'merge', body: undo([]) })),
      close: async () => {},
    };
  });
});

describe('a record in a cluster', () => {
  const spec = specOf();
  const status = (changes: Partial<InjectionStatus>): InjectionStatus => ({
    schemaVersion: 1,
    id: spec.id,
    runId: spec.runId,
    phase: 'active',
    ...changes,
  });
  let namespace: string;
  let store: KubernetesStore;
  let close: () => void;

  beforeAll(async () => {
    namespace = await newNamespace();
    const stores = storesIn(namespace);
    store = stores.open();
    close = stores.close;
  });
  afterAll(() => close());

  const refusal = (resource: 'injections' | 'permits', name: string, body: object, subresource?: 'status') =>
    api.patch(
      recordResources(namespace)[resource],
      name,
      { type: 'merge', body },
      subresource === undefined ? {} : { subresource },
    );

  test('is refused what nobody may change: a spec, a revert, an end, an older generation', async () => {
    const ended = { ...spec, id: 'run-9-1-1' };
    await store.writeSpec(ended);
    expect(await refusal('injections', ended.id, { spec: { stage: 2 } })).toMatchObject({ status: 422 });
    expect(await refusal('injections', ended.id, { spec: null })).toMatchObject({ status: 422 });
    await store.writeStatus(status({ id: ended.id, phase: 'reverted' }));
    const back = { status: { phase: 'active' } };
    expect(await refusal('injections', ended.id, back, 'status')).toMatchObject({
      status: 422,
      message: expect.stringContaining('stays ended'),
    });
    expect(await refusal('injections', ended.id, { status: { phase: 'gone' } }, 'status')).toMatchObject({ status: 422 });
    // An agent that was slower is not kept from coming to its own end.
    await store.writeStatus(status({ id: ended.id, phase: 'reverting' }));
    expect(await store.readStatus(ended.id)).toMatchObject({ phase: 'reverted' });
    await store.writePermit(permitOf({ runId: 'run-9', generation: 3, revert: true }));
    expect(await refusal('permits', 'run-9', { spec: { revert: false } })).toMatchObject({ status: 422 });
    expect(await refusal('permits', 'run-9', { spec: { generation: 2 } })).toMatchObject({ status: 422 });
    await expect(store.writePermit(permitOf({ runId: 'run-9', generation: 2 }))).rejects.toMatchObject({
      code: 'upstream/refused',
      message: expect.stringContaining('newer watcher'),
    });
  });

  test('shows what is broken on purpose', async () => {
    await store.writeSpec({ ...spec, id: 'run-8-1-1', runId: 'run-8' });
    await store.writeStatus(status({ id: 'run-8-1-1', runId: 'run-8' }));
    const table = await kubectl('-n', namespace, 'get', 'inj', 'run-8-1-1');
    expect(table).toMatch(/NAME +RUN +FAULT +TARGET +PHASE +AGE +DEADLINE/);
    expect(table).toMatch(/run-8-1-1 +run-8 +hook +payments +active/);
  });

  test('is waited for by kubectl delete, until its injection has ended', async () => {
    await store.writeSpec(spec);
    await journalIn(namespace).open(spec, { was: 1 });
    await store.writeStatus(status({}));
    let over = false;
    const deletion = kubectl('-n', namespace, 'delete', 'injection', spec.id).then(() => (over = true));
    await until(
      () => store.readWithdrawn(),
      (ids) => ids.includes(spec.id),
    );
    await store.writeStatus(status({ phase: 'reverting', cause: 'asked' }));
    expect(over).toBe(false);
    await store.writeStatus(status({ phase: 'reverted', cause: 'asked' }));
    expect(await api.get(recordResources(namespace).injections, spec.id)).not.toBeNull();
    await store.releaseClaims(spec.id);
    await deletion;
    expect(await api.get(recordResources(namespace).injections, spec.id)).toBeNull();
    await until(
      () => store.readStatuses([spec.id]),
      (read) => read.length === 1,
    );
  });

  test('halts everything by one kubectl', async () => {
    await kubectl('-n', namespace, 'create', 'configmap', 'firedrill-halt');
    await until(
      () => store.readHalt(),
      (halt) => halt !== null,
    );
    await kubectl('-n', namespace, 'delete', 'configmap', 'firedrill-halt');
    await until(
      () => store.readHalt(),
      (halt) => halt === null,
    );
  });

  test('is kept from who may not see it, and the message says who, what, where', async () => {
    const accounts = { group: '', version: 'v1', resource: 'serviceaccounts', namespace };
    await api.create(accounts, { metadata: { name: 'nobody' } });
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/nobody/token`;
    const answer = await api.request({
      method: 'POST',
      path,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    if (!answer.ok) throw new Error(answer.message);
    const { token } = (answer.object as { status: { token: string } }).status;
    const { cert: _cert, key: _key, ...access } = await kubeconfigAccess({ file: adminKubeconfig() });
    const nobody = createKubeApi({ ...access, headers: async () => ({ authorization: `Bearer ${token}` }) });
    await expect(nobody.list(recordResources(namespace).injections)).rejects.toMatchObject({
      code: 'cluster/forbidden',
      message:
        `"system:serviceaccount:${namespace}:nobody" may not list injections in namespace "${namespace}". Grant it with a Role: ` +
        'apiGroups ["firedrill.dev"], resources ["injections"], verbs ["list"]',
    });
    const stranger = createKubeApi({ ...access, headers: async () => ({ authorization: 'Bearer none' }) });
    await expect(stranger.list(recordResources(namespace).injections)).rejects.toMatchObject({ code: 'cluster/forbidden' });
    nobody.close();
    stranger.close();
  });
});

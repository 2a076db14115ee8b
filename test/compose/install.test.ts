import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import { createKubernetesJournal } from '../../src/adapters/kubernetes/journal.ts';
import { hasMonitoring, install, installationOf } from '../../src/compose/install.ts';
import type { InstallRequest } from '../../src/compose/install.ts';
import { uninstall } from '../../src/compose/uninstall.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { KubeApi, KubeObject } from '../../src/ports/kubernetes.ts';
import { specOf } from '../agent/records.ts';
import { startFakeKubeApi } from '../fakes/kube-api.ts';
import type { FakeKubeApi } from '../fakes/kube-api.ts';

const namespace = 'drills';
const rbac = '/apis/rbac.authorization.k8s.io/v1/roles';
const request: InstallRequest = {
  environment: 'staging',
  namespace,
  namespaces: ['payments', 'data'],
  nodes: [],
  image: 'agent:1',
  pullSecret: null,
  faults: null,
  apiFaultsOnly: false,
};

let fake: FakeKubeApi;
let api: KubeApi;
beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access, { timeoutMs: 1_000 });
  const roles = installationOf(request).filter(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'data');
  roles.forEach((role) => fake.objects.put(rbac, role as KubeObject));
});
afterEach(async () => {
  api.close();
  await fake.close();
});

const begin = async (): Promise<void> => {
  const store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope: null, clock: systemClock });
  await store.writeSpec(specOf());
  await store.writeStatus({ schemaVersion: 1, id: specOf().id, runId: 'run-1', phase: 'active' });
  store.close();
};
const applied = (): number => fake.requests.filter(({ method }) => method === 'PATCH').length;

describe('an installation over another', () => {
  test.each([
    ['a namespace', { ...request, namespaces: ['payments'] }],
    ['a fault', { ...request, faults: ['pod-kill'] }],
  ])('that takes %s away is refused while something is in effect, and changes nothing', async (_what, narrower) => {
    await begin();
    const before = applied();
    await expect(install(api, namespace, installationOf(narrower))).rejects.toMatchObject({ code: 'guard/blocked' });
    expect(applied()).toBe(before);
  });

  test('that takes nothing away is applied also then: it may bring what a revert lacks', async () => {
    await begin();
    // The fake makes nothing by server-side apply: that it was asked to is what is seen.
    await expect(install(api, namespace, installationOf(request))).rejects.toMatchObject({ code: 'upstream/refused' });
  });
});

test('nothing is uninstalled while an undo is kept whose record was taken away', async () => {
  const scope = { agent: 'node', run: 'run-1', node: 'w1' } as const;
  const journal = createKubernetesJournal({ api, namespace: 'drills-nodes', recordsNamespace: namespace, scope });
  await journal.open(specOf({ agent: 'node' }), { was: 1 });
  await expect(uninstall(api, { namespace, force: false, by: 'a test', timeoutMs: 1 })).rejects.toThrow(specOf().id);
});

test('what the API server still keeps for an injection that has just ended is taken away a moment later', async () => {
  let refusals = 2;
  fake.intercept(({ method }) => {
    if (method !== 'DELETE' || refusals === 0) return null;
    refusals -= 1;
    return { status: 422, body: { message: 'denied request: injection run-1-1-1 has not ended' } };
  });
  const [role] = fake.objects.list(rbac);
  const removed = await uninstall(api, { namespace, force: false, by: 'a test', timeoutMs: 1_000 });
  expect(removed).toContain(`Role data/${role?.metadata.name}`);
  expect(refusals).toBe(0);
});

test('the kinds of records go with the last installation of a cluster, not with one whose neighbour has no records now', async () => {
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const each of [namespace, 'neighbour']) {
    const objects = installationOf({ ...request, namespace: each });
    const places = { CustomResourceDefinition: definitions, Namespace: '/api/v1/namespaces' } as const;
    for (const [kind, place] of Object.entries(places))
      objects.filter((object) => object.kind === kind).forEach((object) => fake.objects.put(place, object as KubeObject));
  }
  const gone = { force: false, by: 'a test', timeoutMs: 1_000 };

  await uninstall(api, { ...gone, namespace });
  expect(fake.objects.list(definitions)).toHaveLength(2);
  await uninstall(api, { ...gone, namespace: 'neighbour' });
  expect(fake.objects.list(definitions)).toEqual([]);
});

describe('the kinds of the Prometheus operator', () => {
  const group = '/apis/monitoring.coreos.com/v1';
  const without = (): void => fake.intercept(({ path }) => (path.startsWith(group) ? { status: 404, body: {} } : null));

  test('are found where they are', async () => {
    expect(await hasMonitoring(api)).toBe(true);
    without();
    expect(await hasMonitoring(api)).toBe(false);
  });

  test('are not asked for where they are not: an installation goes away without them', async () => {
    without();
    await uninstall(api, { namespace, force: false, by: 'a test', timeoutMs: 1_000 });
    expect(fake.requests.filter(({ path }) => path.startsWith(`${group}/`))).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import type { ClusterTools } from '../../../src/faults/cluster-tools.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const maps = { apiVersion: 'v1', resource: 'configmaps', namespace: 'shop' };
const map = { ...maps, name: 'settings' };

let fake: FakeKubeApi;
let api: KubeApi;
let lost: AbortController;
let cluster: ClusterTools;
beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access);
  lost = new AbortController();
  cluster = createClusterTools(api, { signal: lost.signal, needs: [], clock: systemClock, image: 'agent' });
  await cluster.create(maps, { metadata: { name: 'settings' }, data: { a: '1' } });
});
afterEach(async () => {
  api.close();
  await fake.close();
});

describe("the cluster's API as a fault may use it", () => {
  test('leaves what is there already as it is', async () => {
    expect(await cluster.create(maps, { metadata: { name: 'settings' }, data: { a: '2' } })).toBe('exists');
    expect(await cluster.get(map)).toMatchObject({ data: { a: '1' } });
    expect(await cluster.get({ ...map, name: 'none' })).toBeNull();
  });

  test('deletes that very object, and never its successor', async () => {
    expect(await cluster.delete(map, { uid: 'another' })).toBe('replaced');
    const uid = (await cluster.get(map))?.metadata.uid ?? '';
    expect(await cluster.delete(map, { uid })).toBe('deleted');
    expect(await cluster.delete(map, { uid })).toBe('gone');
    await expect(cluster.delete(map, { uid: '' })).rejects.toThrow(/internal|bug/i);
  });

  test.each([
    [
      { status: 429, body: { details: { causes: [{ reason: 'DisruptionBudget' }] }, message: 'needs 3' } },
      { blocked: 'needs 3' },
    ],
    [{ status: 404, body: {} }, 'gone'],
    [{ status: 409, body: {} }, 'replaced'],
    [{ status: 201, body: {} }, 'evicted'],
  ])('says how an eviction ended: %o', async (answer, expected) => {
    fake.intercept(({ path }) => (path.endsWith('/eviction') ? answer : null));
    const pod = { apiVersion: 'v1', resource: 'pods', namespace: 'shop', name: 'p' };
    expect(await cluster.evict(pod, { uid: 'u' })).toEqual(expected);
  });

  test('tells a test that failed from a change that is not valid', async () => {
    fake.intercept(({ method }) =>
      method === 'PATCH' ? { status: 422, body: { message: 'the server rejected our request' } } : null,
    );
    expect(await cluster.patch(map, [])).toBe('conflict');
    fake.intercept(({ method }) =>
      method === 'PATCH' ? { status: 422, body: { message: 'ConfigMap "x" is invalid: data' } } : null,
    );
    await expect(cluster.patch(map, [])).rejects.toThrow(/is invalid/);
    fake.intercept(({ method }) => (method === 'PATCH' ? { status: 404, body: {} } : null));
    expect(await cluster.patch(map, [])).toBe('gone');
  });

  test('asks nothing more once its agent leads no longer', async () => {
    lost.abort();
    const before = fake.requests.length;
    await expect(cluster.patch(map, [])).rejects.toThrow();
    await expect(cluster.delete(map, { uid: 'u' })).rejects.toThrow();
    await expect(cluster.create(maps, { metadata: { name: 'b' } })).rejects.toThrow();
    expect(fake.requests.length).toBe(before);
  });
});

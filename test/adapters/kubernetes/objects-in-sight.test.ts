import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import type { ApiNeed, ClusterTools } from '../../../src/faults/cluster-tools.ts';
import { markLabel } from '../../../src/faults/shared/held-object.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { until } from '../../agent/until.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const of = (resource: string) => ({ apiVersion: 'v1', resource, namespace: 'shop', name: 'settings' });
const map = of('configmaps');
const pathOf = (resource: string): string => `/api/v1/namespaces/shop/${resource}`;
const path = pathOf('configmaps');
const needs: readonly ApiNeed[] = [
  { group: '', resource: 'configmaps', verbs: ['get', 'list', 'watch'], scope: 'namespace' },
  { group: '', resource: 'secrets', verbs: ['get'], scope: 'namespace' },
];
const ours = (value: string) => ({ metadata: { name: 'settings', labels: { [markLabel]: 'run-1-1' } }, data: { a: value } });

let fake: FakeKubeApi;
let api: KubeApi;
let lost: AbortController;
let cluster: ClusterTools;
let aheadMs: number;

beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access);
  lost = new AbortController();
  aheadMs = 0;
  const clock = { now: systemClock.now, monotonic: () => systemClock.monotonic() + aheadMs };
  cluster = createClusterTools(api, { signal: lost.signal, needs, clock, image: 'agent' });
  fake.objects.put(path, ours('1'));
});
afterEach(async () => {
  lost.abort();
  api.close();
  await fake.close();
});

const reads = (): number => fake.requests.filter(({ path: asked }) => asked === `${path}/settings`).length;
const watches = () => fake.requests.filter(({ query }) => query.get('watch') === 'true');

/** Looks again and again until a look costs nothing. */
async function settle(): Promise<void> {
  await until(
    async () => {
      const before = reads();
      await cluster.look(map);
      return reads() - before;
    },
    (cost) => cost === 0,
  );
}

describe('a look at an object that bears our mark', () => {
  test('is a read at first, and costs nothing while a watch shows that nothing has changed', async () => {
    expect(await cluster.look(map)).toMatchObject({ data: { a: '1' } });
    expect(reads()).toBe(1);
    await settle();
    const before = fake.requests.length;
    for (let looks = 0; looks < 100; looks += 1) expect(await cluster.look(map)).toMatchObject({ data: { a: '1' } });
    expect(fake.requests.length).toBe(before);
  });

  test.each([
    ['changes it', () => fake.objects.put(path, ours('2')), { data: { a: '2' } }],
    ['takes the mark off', () => fake.objects.put(path, { metadata: { name: 'settings' } }), { metadata: { name: 'settings' } }],
    ['deletes it', () => fake.objects.delete(path, 'settings', undefined), null],
  ])('is a read again as soon as somebody %s', async (_what, change, expected) => {
    await settle();
    const before = reads();
    change();
    await until(
      async () => {
        await cluster.look(map);
        return reads();
      },
      (count) => count > before,
    );
    const found = await cluster.look(map);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });

  test('is told by one watch for all objects of a kind, which shows no content', async () => {
    fake.objects.put(path, { ...ours('1'), metadata: { name: 'other', labels: { [markLabel]: 'run-1-2' } } });
    await settle();
    await cluster.look({ ...map, name: 'other' });
    expect(watches().map(({ path }) => path)).toEqual([path]);
    for (const { accept } of fake.requests.filter(({ path: asked }) => asked === path)) {
      expect(accept).toContain('as=PartialObjectMetadata');
    }
  });

  test('believes no watch that has fallen silent: a server that says nothing has not said that nothing has changed', async () => {
    await settle();
    fake.freeze();
    fake.objects.put(path, ours('2'));
    aheadMs = 5_001;
    const before = reads();
    const look = cluster.look(map);
    await until(reads, (count) => count > before);
    fake.thaw();
    expect(await look).toMatchObject({ data: { a: '2' } });
  });

  test('believes no watch that is refused', async () => {
    await settle();
    fake.intercept(({ path: asked }) => (asked === path ? { status: 403, body: { message: 'no' } } : null));
    fake.drop();
    const before = reads();
    await until(
      async () => {
        await cluster.look(map);
        return reads();
      },
      (count) => count > before,
      // Long before its silence alone would tell.
      3_000,
    );
    fake.objects.put(path, ours('2'));
    expect(await cluster.look(map)).toMatchObject({ data: { a: '2' } });
    const refused = reads();
    await cluster.look(map);
    expect(reads()).toBe(refused + 1);
  });

  test('is a read each time where the kind may not be watched, and where the mark is not there', async () => {
    fake.objects.put(pathOf('secrets'), ours('1'));
    for (let looks = 0; looks < 3; looks += 1) await cluster.look(of('secrets'));
    expect(fake.requests.map(({ path }) => path)).toEqual(Array(3).fill(`${pathOf('secrets')}/settings`));
    fake.objects.put(path, { metadata: { name: 'settings' } });
    for (let looks = 0; looks < 3; looks += 1) await cluster.look(map);
    expect(reads()).toBe(3);
  });

  test('is no more once its agent leads no longer, and neither is its watch', async () => {
    await settle();
    const open = fake.connections();
    lost.abort();
    await until(
      () => fake.connections(),
      (count) => count < open,
      2_000,
    );
    const before = fake.requests.length;
    await expect(cluster.look(map)).rejects.toThrow();
    await api.get({ group: '', version: 'v1', resource: 'configmaps', namespace: 'shop' }, 'settings');
    expect(fake.requests.length).toBe(before + 1);
  });

  test('never stands for a read: what decides a change or a revert asks the server', async () => {
    await settle();
    const before = reads();
    await cluster.get(map);
    expect(reads()).toBe(before + 1);
  });
});

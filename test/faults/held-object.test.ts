import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { leftInPlaceOf } from '../../src/domain/injection/revert-evidence.ts';
import {
  changeObject,
  holdObject,
  lookAt,
  lookForEffect,
  markLabel,
  readRestored,
  restoreObject,
} from '../../src/faults/shared/held-object.ts';
import type { HeldObject } from '../../src/faults/shared/held-object.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';

const ref = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'web' };
const path = {
  replicas: ['spec', 'replicas'],
  debug: ['spec', 'containers', { name: 'web' }, 'env', { name: 'DEBUG' }],
  paused: ['spec', 'paused'],
} as const;

describe('an object that is changed for a while', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', {}, { cluster });
    cluster.put(ref, {
      spec: {
        replicas: 3,
        containers: [
          { name: 'side', env: [] },
          {
            name: 'web',
            env: [
              { name: 'MODE', value: 'a' },
              { name: 'DEBUG', value: '1' },
              { name: 'LAST', value: 'z' },
            ],
          },
        ],
      },
    });
  });

  const read = async (): Promise<JsonObject> => (await cluster.get(ref)) as unknown as JsonObject;
  const edit = async (change: (spec: Record<string, unknown>) => void): Promise<void> => {
    const object = structuredClone(await read()) as { spec: Record<string, unknown> };
    change(object.spec);
    cluster.put(ref, object as unknown as JsonObject);
  };
  const hold = async (...changes: Parameters<typeof holdObject>[2]): Promise<HeldObject> => {
    const object = await cluster.get(ref);
    // As a journal brings it back.
    return JSON.parse(JSON.stringify(holdObject(object!, ref, changes))) as HeldObject;
  };

  test('may be looked at by what a watch shows while the effect lasts; what decides a change or a read-back is always asked', async () => {
    const held = await hold({ path: path.replicas, after: 9 });
    const asked: string[] = [];
    const noted = (way: 'get' | 'look') => (of: typeof ref) => (asked.push(way), cluster[way](of));
    const tools = { ...cluster, get: noted('get'), look: noted('look') } as FakeCluster;
    const through = createContext('run-1-1', {}, { cluster: tools });
    await changeObject(through, held);
    expect(asked.splice(0)).toEqual(['get']);
    expect(await lookForEffect(through, held)).toMatchObject({ inEffect: true });
    expect(asked.splice(0)).toEqual(['look']);
    await restoreObject(through, held);
    expect(await readRestored(through, held)).toMatchObject({ present: false });
    expect(new Set(asked)).toEqual(new Set(['get']));
  });

  test('is exactly as it was after a revert, also where a field was absent, or a member of a list is gone', async () => {
    const before = (await read())['spec'];
    const held = await hold(
      { path: path.replicas, after: 1 },
      { path: path.debug, after: null },
      { path: path.paused, after: true },
    );
    await changeObject(context, held);
    const changed = (await read())['spec'] as { replicas: number; paused: boolean; containers: { env: unknown[] }[] };
    expect(changed).toMatchObject({ replicas: 1, paused: true });
    expect(changed.containers[1]?.env).toEqual([
      { name: 'MODE', value: 'a' },
      { name: 'LAST', value: 'z' },
    ]);
    expect(await lookAt(context, held)).toMatchObject({ marked: true, inEffect: true });

    await restoreObject(context, held);
    await restoreObject(context, held);
    expect((await read())['spec']).toEqual(before);
    expect(await lookAt(context, held)).toMatchObject({ marked: false, inEffect: false, changedByOthers: [] });
  });

  test('bears the name of the injection while it is changed', async () => {
    await changeObject(context, await hold({ path: path.replicas, after: 1 }));
    expect((await cluster.get(ref))?.metadata.labels).toEqual({ [markLabel]: 'run-1-1' });
  });

  test('bears the end of a name that is too long for a label', async () => {
    const long = createContext(`${'very-'.repeat(12)}-20260101t100000-abcd-1-1`, {}, { cluster });
    const held = await hold({ path: path.replicas, after: 1 });
    await changeObject(long, held);
    const mark = (await cluster.get(ref))?.metadata.labels?.[markLabel];
    expect(mark).toMatch(/^[a-z].{0,61}-20260101t100000-abcd-1-1$/);
    expect(await lookAt(long, held)).toMatchObject({ inEffect: true });
  });

  test('what a responder changed later stays, and the rest is restored', async () => {
    const held = await hold({ path: path.replicas, after: 1 }, { path: path.paused, after: true });
    await changeObject(context, held);
    await edit((spec) => (spec['replicas'] = 7));
    expect((await lookAt(context, held)).inEffect).toBe(false);
    await restoreObject(context, held);
    expect(await read()).toMatchObject({ spec: { replicas: 7 } });
    expect((await read())['spec']).not.toHaveProperty('paused');
    expect((await lookAt(context, held)).changedByOthers).toEqual(['spec.replicas']);
  });

  test('a member that moved in its list is found by its name', async () => {
    const held = await hold({ path: [...path.debug, 'value'], after: '0' });
    await changeObject(context, held);
    await edit((spec) => {
      (spec['containers'] as unknown[]).reverse();
      (spec['containers'] as { env: unknown[] }[])[0]?.env.unshift({ name: 'NEW', value: 'n' });
    });
    await restoreObject(context, held);
    expect(((await read())['spec'] as { containers: { env: unknown[] }[] }).containers[0]?.env).toContainEqual({
      name: 'DEBUG',
      value: '1',
    });
  });

  test('a revert that was never preceded by a change touches nothing', async () => {
    const held = await hold({ path: path.replicas, after: 1 });
    await edit((spec) => (spec['replicas'] = 1));
    await restoreObject(context, held);
    expect(await read()).toMatchObject({ spec: { replicas: 1 } });
    expect(cluster.changes).toEqual([]);
  });

  test('whoever takes our mark off takes the object over', async () => {
    const held = await hold({ path: path.replicas, after: 1 });
    await changeObject(context, held);
    cluster.put(ref, { spec: { replicas: 1 }, metadata: { labels: {} } });
    await restoreObject(context, held);
    expect(await read()).toMatchObject({ spec: { replicas: 1 } });
  });

  test.each<[string, number, readonly string[], RegExp]>([
    [
      'as we made it',
      1,
      ['spec.replicas'],
      /still has our change \(spec.replicas\): its label firedrill.dev.injection was taken off/,
    ],
    ['as it was', 3, [], /is as it was$/],
  ])('an object without our mark is told as it is: %s', async (_what, replicas, leftInPlace, words) => {
    const held = await hold({ path: path.replicas, after: 1 });
    await changeObject(context, held);
    cluster.put(ref, { spec: { replicas }, metadata: { labels: {} } });
    await restoreObject(context, held);
    const evidence = await readRestored(context, held);
    expect(evidence).toMatchObject({ present: false, summary: expect.stringMatching(words) as unknown });
    expect(leftInPlaceOf({ ...evidence })).toEqual(leftInPlace);
  });

  test('a change that somebody else makes between two of our requests is kept', async () => {
    const held = await hold({ path: path.replicas, after: 1 });
    await changeObject(context, held);
    const { patch } = cluster;
    const racing = createContext(
      'run-1-1',
      {},
      {
        cluster: {
          ...cluster,
          async patch(...given) {
            const { replicas } = (await read())['spec'] as { replicas: number };
            if (replicas === 1) await edit((spec) => (spec['replicas'] = 5));
            return patch(...given);
          },
        },
      },
    );
    await restoreObject(racing, held);
    expect(await read()).toMatchObject({ spec: { replicas: 5 } });
    expect((await lookAt(context, held)).marked).toBe(false);
  });

  test('one that changed since it was looked at is not touched', async () => {
    const held = await hold({ path: path.replicas, after: 1 });
    await edit((spec) => (spec['replicas'] = 4));
    await expect(changeObject(context, held)).rejects.toMatchObject({ code: 'fault/inject-failed' });
    expect(await read()).toMatchObject({ spec: { replicas: 4 } });
  });

  test('another object of its name is neither changed nor restored', async () => {
    const held = await hold({ path: path.replicas, after: 1 });
    cluster.put(ref, { metadata: { uid: 'another' }, spec: { replicas: 3 } });
    await expect(changeObject(context, held)).rejects.toMatchObject({ code: 'target/none' });
    await restoreObject(context, held);
    expect(cluster.changes).toEqual([]);
    await expect(lookForEffect(context, held)).rejects.toMatchObject({ code: 'target/none' });
  });

  test('one that was made anew from a copy with our change in it is restored too', async () => {
    const held = await hold({ path: path.replicas, after: 1 });
    await changeObject(context, held);
    cluster.put(ref, { metadata: { uid: 'another', labels: { [markLabel]: 'run-1-1' } }, spec: { replicas: 1 } });
    await restoreObject(context, held);
    expect(await read()).toMatchObject({ spec: { replicas: 3 } });
  });

  test('what another injection holds is refused', async () => {
    const held = await hold({ path: path.replicas, after: 1 });
    await changeObject(createContext('run-2-1', {}, { cluster }), held);
    await expect(changeObject(context, held)).rejects.toMatchObject({ code: 'claim/taken' });
    await expect(hold({ path: path.replicas, after: 2 })).rejects.toMatchObject({ code: 'claim/taken' });
  });

  test('a change that would change nothing is refused', async () => {
    await expect(hold({ path: path.replicas, after: 3 })).rejects.toMatchObject({ code: 'target/none' });
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createReflector } from '../../../src/adapters/kubernetes/reflector.ts';
import type { Change, Reflector } from '../../../src/adapters/kubernetes/reflector.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { until } from '../../agent/until.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const resource = { group: '', version: 'v1', resource: 'configmaps', namespace: 'drills' };
const path = '/api/v1/namespaces/drills/configmaps';
const quietMs = 2_000;

let fake: FakeKubeApi;
let api: KubeApi;
let reflector: Reflector;

beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access);
  fake.objects.put(path, { metadata: { name: 'first' } });
  reflector = createReflector(api, resource, { quietMs, clock: systemClock });
});
afterEach(async () => {
  reflector.close();
  api.close();
  await fake.close();
});

const names = (): string[] => [...reflector.current().keys()].toSorted();
const sees = (...expected: string[]) => until(names, (seen) => seen.join() === expected.join());
const lists = () => fake.requests.filter(({ query }) => query.get('watch') !== 'true').length;

describe('a reflector', () => {
  test('has what there is with its first list, and every change after it', async () => {
    await reflector.synced;
    expect(names()).toEqual(['first']);
    const changes: Change[] = [];
    reflector.onChange((change) => changes.push(change));
    fake.objects.put(path, { metadata: { name: 'second' } });
    fake.objects.delete(path, 'first', undefined);
    await sees('second');
    expect(changes.map(({ before, after }) => [before?.metadata.name, after?.metadata.name])).toEqual([
      [undefined, 'second'],
      ['first', undefined],
    ]);
    expect(lists()).toBe(1);
  });

  test('goes on where it was when its connection breaks, without a list', async () => {
    await reflector.synced;
    fake.drop();
    fake.objects.put(path, { metadata: { name: 'second' } });
    await sees('first', 'second');
    expect(lists()).toBe(1);
  });

  test('goes on over the end of a watch, again and again, without a list', async () => {
    await reflector.synced;
    const watches = () => fake.requests.filter(({ query }) => query.get('watch') === 'true').length;
    await until(watches, (count) => count >= 3);
    fake.objects.put(path, { metadata: { name: 'second' } });
    await sees('first', 'second');
    expect(lists()).toBe(1);
  });

  test('lists again when what it knows has expired, and tells what it missed', async () => {
    await reflector.synced;
    const gone: (string | undefined)[] = [];
    reflector.onChange(({ before, after }) => after === null && gone.push(before?.metadata.name));
    fake.intercept(({ query }) => (query.get('watch') === 'true' ? { status: 500 } : null));
    fake.drop();
    await until(
      () => reflector.problem(),
      (problem) => problem !== null,
    );
    fake.objects.delete(path, 'first', undefined);
    fake.objects.put(path, { metadata: { name: 'second' } });
    fake.compact();
    fake.intercept(() => null);
    await sees('second');
    expect(gone).toEqual(['first']);
  });

  test('lists again when the server says in the middle of a watch that it has expired', async () => {
    await reflector.synced;
    const before = lists();
    // As the server writes it: an event and not an answer.
    let told = false;
    fake.intercept(({ query }) => {
      if (told || query.get('watch') !== 'true') return null;
      told = true;
      return { status: 200, body: { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', metadata: {} } } };
    });
    fake.drop();
    await until(lists, (count) => count > before);
    fake.objects.put(path, { metadata: { name: 'second' } });
    await sees('first', 'second');
  });

  test('leaves a server that falls silent, says how long ago it was heard, and comes back to it', async () => {
    await reflector.synced;
    fake.freeze();
    await until(
      () => reflector.problem(),
      (problem) => problem !== null,
      quietMs * 2,
    );
    expect(reflector.ageMs()).toBeGreaterThanOrEqual(quietMs * 0.9);
    fake.objects.put(path, { metadata: { name: 'second' } });
    fake.thaw();
    await sees('first', 'second');
    expect(reflector.ageMs()).toBeLessThan(1_000);
  });

  test.each([
    ['may list and not watch', { status: 403, body: { message: 'no' } }],
    [
      'asks for a version that the server, put back to an older state, never had',
      { status: 504, body: { message: 'too large' } },
    ],
    [
      'is told in the middle of a watch that it failed',
      { status: 200, body: { type: 'ERROR', object: { code: 500, metadata: {} } } },
    ],
  ])('lists again where it %s, and does not take the refusal for news', async (_where, answer) => {
    await reflector.synced;
    fake.intercept(({ query }) => (query.get('watch') === 'true' ? answer : null));
    fake.drop();
    fake.objects.put(path, { metadata: { name: 'second' } });
    await sees('first', 'second');
    fake.intercept(({ query }) => (query.get('watch') === 'true' ? { status: 403, body: { message: 'no' } } : { status: 500 }));
    await until(
      () => reflector.ageMs(),
      (age) => age > 1_500,
    );
  });

  test('is no storm of requests where it may list and not watch', async () => {
    await reflector.synced;
    fake.intercept(({ query }) => (query.get('watch') === 'true' ? { status: 403, body: { message: 'no' } } : null));
    fake.drop();
    const before = fake.requests.length;
    const end = performance.now() + 2_000;
    await until(
      () => performance.now(),
      (now) => now > end,
    );
    expect(fake.requests.length - before).toBeLessThan(16);
    expect(reflector.problem()).toMatchObject({ code: 'cluster/forbidden' });
  });

  test('waits for a collection whose storage is being made', async () => {
    reflector.close();
    let refusals = 3;
    fake.intercept(() => ((refusals -= 1) >= 0 ? { status: 429, body: { message: 'storage is (re)initializing' } } : null));
    reflector = createReflector(api, resource, { quietMs, clock: systemClock });
    await reflector.synced;
    expect(names()).toEqual(['first']);
  });

  test('sees its selection alone', async () => {
    reflector.close();
    reflector = createReflector(api, resource, { quietMs, clock: systemClock, labelSelector: 'of=us' });
    await reflector.synced;
    fake.objects.put(path, { metadata: { name: 'ours', labels: { of: 'us' } } });
    await sees('ours');
    // Who takes the label away takes the object out of sight.
    fake.objects.put(path, { metadata: { name: 'ours' } });
    await sees();
  });
});

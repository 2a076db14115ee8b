import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { makePki } from '../../agent/certificate-issuer/pki.ts';
import { until } from '../../agent/until.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const configMaps = { group: '', version: 'v1', resource: 'configmaps', namespace: 'drills' };
const named = (name: string) => ({ metadata: { name } });

let fake: FakeKubeApi;
let api: KubeApi;

beforeEach(async () => {
  fake = await startFakeKubeApi();
  // Longer than a test may take: where a call is given up, it is by what it said itself.
  api = createKubeApi(fake.access, { timeoutMs: 60_000 });
});
afterEach(async () => {
  api.close();
  await fake.close();
});

const failing = (call: Promise<unknown>, code: string): Promise<void> => expect(call).rejects.toMatchObject({ code });

describe('a call', () => {
  test('that finds nothing says so without an error', async () => {
    expect(await api.get(configMaps, 'none')).toBeNull();
    expect(await api.patch(configMaps, 'none', { type: 'merge', body: {} })).toMatchObject({ ok: false, status: 404 });
    expect(await api.delete(configMaps, 'none')).toMatchObject({ ok: false, status: 404 });
  });

  test('that comes second, or to another object of that name, is told so', async () => {
    expect((await api.create(configMaps, named('a'))).ok).toBe(true);
    expect(await api.create(configMaps, named('a'))).toMatchObject({ ok: false, status: 409, reason: 'AlreadyExists' });
    expect(await api.delete(configMaps, 'a', { uid: 'another' })).toMatchObject({ ok: false, status: 409, reason: 'Conflict' });
  });

  test('lists page after page', async () => {
    for (let index = 0; index < 1_100; index += 1) fake.objects.put('/api/v1/namespaces/drills/configmaps', named(`c${index}`));
    const { items } = await api.list(configMaps);
    expect(new Set(items.map(({ metadata }) => metadata.name)).size).toBe(1_100);
    expect(fake.requests.length).toBe(3);
  });

  test('lists anew, in one piece, when a page has expired', async () => {
    for (let index = 0; index < 600; index += 1) fake.objects.put('/api/v1/namespaces/drills/configmaps', named(`c${index}`));
    fake.intercept(({ query }) => (query.has('continue') ? { status: 410, body: { reason: 'Expired' } } : null));
    expect((await api.list(configMaps)).items).toHaveLength(600);
  });
});

describe('a server that has no time', () => {
  test('is asked again as it says, by reads and by writes that it has not begun', async () => {
    const initializing = { status: 429, headers: { 'retry-after': '0' }, body: { message: 'storage is (re)initializing' } };
    let answers = [initializing, initializing];
    fake.intercept(() => answers.shift() ?? null);
    expect((await api.list(configMaps)).items).toEqual([]);
    answers = [initializing];
    expect((await api.create(configMaps, named('a'))).ok).toBe(true);
  });

  test('is given up in time', async () => {
    fake.intercept(() => ({ status: 429 }));
    await failing(api.get(configMaps, 'a', { timeoutMs: 1_000 }), 'upstream/unreachable');
  });

  test('that has failed under way is asked again by reads alone', async () => {
    fake.intercept(() => ({ status: 503, body: { message: 'etcd is away' } }));
    await failing(api.create(configMaps, named('a')), 'upstream/unreachable');
    expect(fake.requests).toHaveLength(1);
  });

  test('is not asked again for an eviction that a disruption budget holds up', async () => {
    const body = { reason: 'TooManyRequests', message: 'budget', details: { causes: [{ reason: 'DisruptionBudget' }] } };
    fake.intercept(() => ({ status: 429, body }));
    expect(await api.evict({ namespace: 'drills', name: 'p' })).toMatchObject({ ok: false, status: 429, message: 'budget' });
    expect(fake.requests).toHaveLength(1);
  });
});

describe('a server that stands still', () => {
  test('keeps nobody longer than the call may take, on an old connection and on a new one', async () => {
    await api.list(configMaps);
    fake.freeze();
    const calls = [
      api.get(configMaps, 'a', { timeoutMs: 300 }),
      api.list(configMaps, { timeoutMs: 300 }),
      api.create(configMaps, named('a'), { timeoutMs: 300 }),
    ];
    await Promise.all(calls.map((call) => failing(call, 'upstream/unreachable')));
    fake.thaw();
    expect((await api.list(configMaps)).items.length).toBeLessThanOrEqual(1);
  });

  test('keeps nobody longer either before it has shaken hands', async () => {
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => mute.once('listening', resolve));
    const server = `https://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const stranger = createKubeApi({ ...fake.access, server }, { timeoutMs: 300 });
    await failing(stranger.get(configMaps, 'a'), 'upstream/unreachable');
    sockets.forEach((socket) => socket.destroy());
    mute.close();
  });

  test('and credentials that do not come keep nobody either', async () => {
    const slow = createKubeApi({ ...fake.access, headers: () => new Promise(() => {}) }, { timeoutMs: 300 });
    await failing(slow.get(configMaps, 'a'), 'upstream/unreachable');
  });

  test('is left when the caller stops waiting', async () => {
    fake.freeze();
    await expect(api.get(configMaps, 'a', { signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

test('a burst of writes takes few connections, and keeps no read waiting', async () => {
  fake.freeze();
  const writes = Array.from({ length: 100 }, (_, index) => api.create(configMaps, named(`c${index}`)));
  await until(
    () => fake.requests.length,
    (count) => count > 0,
  );
  const read = api.get(configMaps, 'c0');
  await until(
    () => fake.requests.filter(({ method }) => method === 'GET').length,
    (count) => count === 1,
  );
  expect(fake.connections()).toBeLessThan(20);
  fake.thaw();
  await Promise.all([...writes, read]);
});

test('a connection that was closed while it rested costs a read nothing', async () => {
  await api.list(configMaps);
  fake.drop();
  expect((await api.list(configMaps)).items).toEqual([]);
});

test('a server that is not there is named, with what to do', async () => {
  await fake.close();
  await expect(api.list(configMaps)).rejects.toMatchObject({
    code: 'upstream/unreachable',
    message: expect.stringContaining(`${fake.access.server} could not be used`),
  });
  fake = await startFakeKubeApi();
});

describe('what is forbidden', () => {
  test('says who may not do what where, and what to grant', async () => {
    const message =
      'injections.firedrill.dev is forbidden: User "system:serviceaccount:drills:agent" cannot list resource "injections" in API group "firedrill.dev" in the namespace "drills"';
    fake.intercept(() => ({ status: 403, body: { reason: 'Forbidden', message } }));
    await expect(api.list(configMaps)).rejects.toMatchObject({
      code: 'cluster/forbidden',
      message:
        '"system:serviceaccount:drills:agent" may not list injections in namespace "drills". Grant it with a Role: apiGroups ["firedrill.dev"], resources ["injections"], verbs ["list"]',
    });
  });

  test('by a rule of the cluster is no matter of rights', async () => {
    const message = 'pods "node-agent" is forbidden: violates PodSecurity "restricted:latest": hostPID';
    fake.intercept(() => ({ status: 403, body: { reason: 'Forbidden', message } }));
    await expect(api.create(configMaps, named('a'))).rejects.toMatchObject({
      code: 'cluster/forbidden',
      message: expect.stringContaining('violates PodSecurity'),
    });
  });

  test('to an unknown caller names the server', async () => {
    fake.intercept(() => ({ status: 401, body: { message: 'Unauthorized' } }));
    await expect(api.list(configMaps)).rejects.toMatchObject({
      code: 'cluster/forbidden',
      message: expect.stringContaining('credentials'),
    });
  });
});

test('a server whose certificate another authority signs from now on is trusted as soon as that authority is', async () => {
  const [before, now] = [makePki(), makePki()];
  let trusted = before;
  const server = createHttpsServer({ cert: now.server.certificate, key: now.server.key }, (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(named('a')));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const ca = () => Promise.resolve(trusted.root.certificate);
  const access = { server: `https://127.0.0.1:${port}`, namespace: 'drills', ca, headers: async () => ({}) };
  const secure = createKubeApi(access);
  try {
    await failing(secure.get(configMaps, 'a'), 'upstream/unreachable');
    trusted = now;
    expect(await secure.get(configMaps, 'a')).toMatchObject(named('a'));
  } finally {
    secure.close();
    server.close();
  }
});

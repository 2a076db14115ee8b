import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHostTools } from '../../../src/adapters/host/tools.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { quickestMs } from '../../faults/quickest.ts';
import { startLink, type TestLink } from '../../faults/subjects/link.ts';
import { until } from '../../faults/until.ts';

const { askSocket } = createHostTools();
const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

describe('the relay', () => {
  let link: TestLink;
  const sockets: Socket[] = [];
  const ask = (message: JsonObject): Promise<JsonObject> => askSocket(link.control, message);
  const slow = { delayMs: 300, jitterMs: 0 };

  beforeEach(async () => {
    link = await startLink();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await link.dispose();
  });

  async function connect(): Promise<Socket> {
    const { hostname, port } = new URL(link.url);
    const socket = createConnection({ host: hostname, port: Number(port), noDelay: true });
    socket.on('error', () => {});
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  }

  /** Milliseconds until the answer, over this very connection. */
  async function exchange(socket: Socket): Promise<number> {
    const startedAt = performance.now();
    socket.write(request);
    await once(socket, 'data');
    return performance.now() - startedAt;
  }
  const quickest = (socket: Socket): Promise<number> => quickestMs(() => exchange(socket));
  const quickestOfNew = (): Promise<number> => quickestMs(async () => exchange(await connect()));

  test('an upstream that refuses is passed over', async () => {
    expect(await quickestOfNew()).toBeLessThan(300);
  });

  test('it is passed over by each of many connections that come at once', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, connect));
    await Promise.all(many.map(exchange));
  });

  test('open connections are slowed, kept fast or reset, as asked', async () => {
    const open = await connect();
    await exchange(open);
    await ask({ op: 'set', id: 'a', toxic: slow, ttlMs: 20_000, connections: 'slow' });
    expect(await exchange(open)).toBeGreaterThanOrEqual(300);
    await ask({ op: 'clear', id: 'a' });

    await ask({ op: 'set', id: 'b', toxic: slow, ttlMs: 20_000, connections: 'keep' });
    expect(await quickest(open)).toBeLessThan(300);
    expect(await exchange(await connect())).toBeGreaterThanOrEqual(300);
    await ask({ op: 'clear', id: 'b' });

    const closed = new Promise((resolve) => open.once('close', resolve));
    await ask({ op: 'set', id: 'c', toxic: slow, ttlMs: 20_000, connections: 'reset' });
    await closed;
  });

  test('when a toxic ends, waiting bytes pass at once and the connection goes on', async () => {
    const socket = await connect();
    await ask({ op: 'set', id: 'a', toxic: { delayMs: 60_000 }, ttlMs: 20_000 });
    const answered = exchange(socket);
    await until('the connection is known', async () => (await ask({ op: 'get' }))['connections'] === 1);
    await ask({ op: 'clear', id: 'a' });
    expect(await answered).toBeLessThan(10_000);
    expect(await quickest(socket)).toBeLessThan(300);
  });

  test('a toxic that nobody refreshes ends by itself, and is not brought back', async () => {
    await ask({ op: 'set', id: 'a', toxic: slow, ttlMs: 20_000 });
    expect(await ask({ op: 'refresh', id: 'a', ttlMs: 300 })).toMatchObject({ ok: true });
    await until('it has ended', async () => (await ask({ op: 'get' }))['id'] === null);
    expect(await ask({ op: 'refresh', id: 'a', ttlMs: 300 })).toMatchObject({ ok: false });
    expect(await quickestOfNew()).toBeLessThan(300);
  });

  test('it has one toxic at a time, and only its holder ends it', async () => {
    await ask({ op: 'set', id: 'a', toxic: slow, ttlMs: 20_000 });
    expect(await ask({ op: 'set', id: 'b', toxic: slow, ttlMs: 20_000 })).toMatchObject({ ok: false, holder: 'a' });
    expect(await ask({ op: 'clear', id: 'b' })).toMatchObject({ ok: true, cleared: false });
    expect(await ask({ op: 'get' })).toMatchObject({ id: 'a', toxic: slow });
  });

  test('a black hole lets nothing pass until it ends', async () => {
    const setAt = performance.now();
    await ask({ op: 'set', id: 'a', toxic: { blackhole: true }, ttlMs: 500 });
    await exchange(await connect());
    expect(performance.now() - setAt).toBeGreaterThanOrEqual(500);
  });

  test('a share of the connections is reset so long after they were opened, and the others are not', async () => {
    await ask({ op: 'set', id: 'a', toxic: { reset: { ratio: 0.5, afterMs: 50 } }, ttlMs: 20_000, connections: 'keep' });
    const first = await connect();
    await new Promise((resolve) => first.once('close', resolve));
    const second = await connect();
    await exchange(second);
    const metBy = performance.now();
    await until('the time of a reset is over', () => performance.now() - metBy > 500);
    expect(await quickest(second)).toBeLessThan(300);
  });

  test('a reset that is still to come ends with its toxic', async () => {
    await ask({ op: 'set', id: 'a', toxic: { reset: { ratio: 1, afterMs: 2000 } }, ttlMs: 20_000 });
    const socket = await connect();
    await exchange(socket);
    const metBy = performance.now();
    await ask({ op: 'clear', id: 'a' });
    await until('the time of the reset is over', () => performance.now() - metBy > 2000);
    expect(await quickest(socket)).toBeLessThan(300);
  });

  test('its own echo tells a narrow line and resets from outside, without taking any of the line', async () => {
    await ask({ op: 'set', id: 'a', toxic: { bytesPerSecond: 10_000 }, ttlMs: 20_000 });
    const measured = await ask({ op: 'probe', bytes: 3000, timeoutMs: 5000 });
    expect(measured['elapsedMs']).toBeGreaterThanOrEqual(299);
    expect(await quickestOfNew()).toBeLessThan(300);
    await ask({ op: 'set', id: 'a', toxic: { reset: { ratio: 0.25, afterMs: 20 } }, ttlMs: 20_000 });
    expect(await ask({ op: 'probe', connections: 8, stayMs: 200, timeoutMs: 2000 })).toMatchObject({ resets: 2 });
  });

  test('a slow line passes a large answer in order and no faster than asked', async () => {
    await ask({ op: 'set', id: 'a', toxic: { bytesPerSecond: 500 }, ttlMs: 20_000 });
    expect(await exchange(await connect())).toBeGreaterThanOrEqual(200);
  });

  test.each([{ op: 'set', id: 'a' }, { op: 'burn' }, { op: 'get', extra: 1 }])('the message %j is refused', async (message) => {
    expect(await ask(message)).toMatchObject({ ok: false });
  });
});

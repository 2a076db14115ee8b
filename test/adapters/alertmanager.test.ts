import { afterEach, expect, test } from '@jest/globals';
import { createAlertmanager } from '../../src/adapters/alertmanager/alertmanager.ts';
import { startReceiver } from '../../src/adapters/alertmanager/receiver.ts';
import type { Receiver } from '../../src/adapters/alertmanager/receiver.ts';
import type { Delivery } from '../../src/ports/alerts.ts';
import { startUpstream } from './loopback-upstream.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function receiverThat(onDeliveries: (deliveries: readonly Delivery[]) => void): Promise<Receiver> {
  const receiver = await startReceiver({ url: 'http://127.0.0.1:0/alerts', onDeliveries });
  closing.push(receiver.close);
  return receiver;
}

const alert = { status: 'firing', labels: { alertname: 'Errors' }, startsAt: '2026-01-01T10:00:00.123456Z', fingerprint: 'f' };

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

test('a webhook becomes deliveries, stamped with the time of receipt', async () => {
  const got: Delivery[] = [];
  const { url } = await receiverThat((deliveries) => got.push(...deliveries));
  const before = new Date().toISOString();
  expect((await post(url, { version: '4', alerts: [alert] })).status).toBe(200);
  expect(got).toEqual([{ ...alert, startsAt: '2026-01-01T10:00:00.123Z', receivedAt: expect.any(String) }]);
  expect(got[0]!.receivedAt >= before).toBe(true);
});

test('repeats are dropped, what is new beside them is not', async () => {
  const got: Delivery[] = [];
  const { url } = await receiverThat((deliveries) => got.push(...deliveries));
  await post(url, { version: '4', alerts: [alert] });
  await post(url, { version: '4', alerts: [alert, { ...alert, status: 'resolved' }] });
  expect(got.map(({ status }) => status)).toEqual(['firing', 'resolved']);
});

test('what could not be kept is asked for again and then not dropped', async () => {
  const got: Delivery[] = [];
  let full = true;
  const { url } = await receiverThat((deliveries) => {
    if (full) throw new Error('disk full');
    got.push(...deliveries);
  });
  expect((await post(url, { version: '4', alerts: [alert] })).status).toBe(500);
  full = false;
  expect((await post(url, { version: '4', alerts: [alert] })).status).toBe(200);
  expect(got).toHaveLength(1);
});

test.each([
  ['no JSON', 'hello'],
  ['another version', { version: '3', alerts: [] }],
  ['alerts without fingerprint', { version: '4', alerts: [{ ...alert, fingerprint: undefined }] }],
])('refuses %s', async (_title, body) => {
  const { url } = await receiverThat(() => undefined);
  expect((await post(url, body)).status).toBe(400);
});

test('a port that is taken is said', async () => {
  const { url } = await receiverThat(() => undefined);
  await expect(startReceiver({ url, onDeliveries: () => undefined })).rejects.toMatchObject({ code: 'upstream/unreachable' });
});

test('active alerts come with what silences and inhibits them', async () => {
  const status = { state: 'suppressed', silencedBy: ['s'], inhibitedBy: [] };
  const server = await startUpstream({ '/api/v2/alerts': [{ ...alert, status }], '/-/ready': 'ok' });
  closing.push(server.close);
  const alertmanager = createAlertmanager({ url: server.url });
  expect(await alertmanager.ready()).toBe(true);
  expect(await alertmanager.active()).toEqual([
    { fingerprint: 'f', labels: alert.labels, startsAt: '2026-01-01T10:00:00.123Z', silencedBy: ['s'], inhibitedBy: [] },
  ]);
  const { offsetMs, errorMs } = await alertmanager.clockOffset();
  expect(Math.abs(offsetMs)).toBeLessThanOrEqual(errorMs);
});

test('an Alertmanager that is away is unreachable', async () => {
  await expect(createAlertmanager({ url: 'http://127.0.0.1:1' }).active()).rejects.toMatchObject({
    code: 'upstream/unreachable',
  });
});

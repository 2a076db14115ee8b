import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { isMounted } from '../../lab/host/audit-volume.ts';
import { groupMembers, isAlive, readStat } from '../../lab/host/process-identity.ts';
import { startStack, type Stack } from '../../lab/host/stack.ts';
import { eventually } from './eventually.ts';

let stack: Stack;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'firedrill-lab-'));
  // PostgreSQL runs as another user, who must be able to enter.
  chmodSync(directory, 0o755);
  stack = await startStack({ directory: join(directory, 'lab'), rate: 30 });
}, 60_000);

afterAll(async () => {
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 30_000);

const replica = (): string => `http://127.0.0.1:${stack.ports.payments[0]}`;
const post = (url: string, body: object): Promise<Response> => fetch(url, { method: 'POST', body: JSON.stringify(body) });

async function query(promql: string): Promise<number | null> {
  const url = `http://127.0.0.1:${stack.ports.prometheus}/api/v1/query?query=${encodeURIComponent(promql)}`;
  const answer = (await (await fetch(url)).json()) as { data: { result: { value: [number, string] }[] } };
  const value = answer.data.result[0]?.value[1];
  return value === undefined ? null : Number(value);
}

test('a payment goes through fraud-detector, database and audit journal', async () => {
  const response = await post(`${replica()}/v1/payments`, { amount: 12 });
  expect(response.status).toBe(201);
  expect(await response.json()).toMatchObject({ verdict: 'pass' });
  const journal = readFileSync(join(stack.directory, 'volumes', 'audit', 'payments-api-1.jsonl'), 'utf8');
  expect(journal).toContain('"amount":12');
  expect((await fetch(`${replica()}/health/deep`)).status).toBe(200);
  expect((await fetch(`${replica()}/health/dependencies`)).status).toBe(200);
});

test('a responder can switch the fallback on and off', async () => {
  await post(`${replica()}/admin/fallback`, { enabled: true });
  expect(await (await post(`${replica()}/v1/payments`, { amount: 5 })).json()).toMatchObject({ verdict: 'unscreened' });
  await post(`${replica()}/admin/fallback`, { enabled: false });
  expect(await (await post(`${replica()}/v1/payments`, { amount: 5 })).json()).toMatchObject({ verdict: 'pass' });
});

test('Prometheus sees every service, and customers who are content', async () => {
  await eventually(async () => expect(await query('count(up == 1)')).toBe(10));
  await eventually(async () => {
    expect(await query('sum(rate(client_requests_total{outcome="ok"}[5s]))')).toBeGreaterThan(10);
  });
  for (const name of ['db_pool_active', 'db_pool_idle', 'db_pool_total', 'db_pool_wait_count', 'circuit_breaker_state']) {
    await eventually(async () => expect(await query(`count(${name}{service="payments-api"})`)).toBe(6));
  }
  expect(await query('count(count_over_time(ALERTS{alertstate="firing"}[5m]))')).toBeNull();
});

test('the environment file names what is really there', async () => {
  const { spec } = parse(readFileSync(stack.environmentFile, 'utf8')) as {
    spec: { services: { 'payments-api': { processes: { pidFile: string; url: string }[]; links: { control: string }[] } } };
  };
  const payments = spec.services['payments-api'];
  expect(payments.processes).toHaveLength(6);
  for (const { pidFile, url } of payments.processes) {
    const pid = Number(readFileSync(join(stack.directory, pidFile), 'utf8'));
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  }
  expect(existsSync(join(stack.directory, payments.links[0]?.control ?? ''))).toBe(true);
});

test('a killed replica is missed by an alert and comes back with a new pid', async () => {
  const pidFile = join(stack.directory, 'pids', 'payments-api-6.pid');
  const before = Number(readFileSync(pidFile, 'utf8'));
  process.kill(before, 'SIGKILL');
  await eventually(async () => expect(await query('count(ALERTS{alertname="ReplicaMissing"})')).toBe(1));
  await eventually(async () => {
    expect(Number(readFileSync(pidFile, 'utf8'))).not.toBe(before);
    expect((await fetch(`http://127.0.0.1:${stack.ports.payments[5]}/health`)).status).toBe(200);
  });
});

test('a second stack in the same folder is refused', async () => {
  await expect(startStack({ directory: stack.directory })).rejects.toMatchObject({ code: 'lock/held' });
});

test('when a part dies at the start, it is named and the others are ended', async () => {
  const folder = join(directory, 'dying');
  const stub = join(directory, 'prometheus');
  writeFileSync(stub, '#!/bin/sh\necho my rules are broken\nexit 1\n', { mode: 0o755 });
  process.env['FIREDRILL_PROMETHEUS_BIN'] = stub;
  try {
    const starting = startStack({ directory: folder, parts: ['prometheus', 'alertmanager'] });
    await expect(starting).rejects.toMatchObject({ code: 'part/died', message: expect.stringContaining('my rules are broken') });
  } finally {
    delete process.env['FIREDRILL_PROMETHEUS_BIN'];
  }
  expect(existsSync(join(folder, 'stack.json'))).toBe(false);
});

test('down leaves no process, no mount and no port', async () => {
  const processes = stack.parts.flatMap(groupMembers).map((pid) => ({ pid, startTime: readStat(pid)?.startTime ?? '' }));
  expect(processes.length).toBeGreaterThan(12);
  await stack.stop();
  expect([...stack.parts, ...processes].filter(isAlive)).toEqual([]);
  expect(isMounted(join(stack.directory, 'volumes', 'audit'))).toBe(false);
  const open = await Promise.all(Object.values(stack.ports).flat().map(accepts));
  expect(open).not.toContain(true);
  expect(existsSync(join(stack.directory, 'stack.json'))).toBe(false);
}, 30_000);

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hostPlatform } from '../../../src/adapters/host/platform.ts';
import { readProcess } from '../../../src/adapters/host/processes.ts';
import type { Platform } from '../../../src/ports/platform.ts';

let directory: string;
let platform: Platform;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'platform-'));
  const pidFile = (name: string): string => join(directory, name);
  await writeFile(pidFile('here'), `${process.pid}\n`);
  await writeFile(pidFile('gone'), '4194305\n');
  await writeFile(pidFile('init'), '1\n');
  await writeFile(pidFile('empty'), '');
  platform = hostPlatform({
    api: {
      processes: ['here', 'gone', 'init', 'empty', 'never'].map((name) => ({ name, pidFile: pidFile(name) })),
      links: [
        { name: 'fraud', to: 'fraud-detector', listen: '127.0.0.1:7001', control: '/links/fraud.sock' },
        { name: 'database', to: 'database', addresses: ['127.0.0.1:5432'], caller: { user: 'api' } },
      ],
      volumes: [{ name: 'journal', path: '/volumes/audit' }],
      postgres: [{ name: 'payments', connection: 'file:/secrets/dsn' }],
      redis: [{ name: 'sessions', connection: 'env:REDIS_URL' }],
    },
  });
});

afterEach(() => rm(directory, { recursive: true }));

describe('the host platform', () => {
  test('finds the processes that run now, by pid and start time', async () => {
    const startTime = readProcess(process.pid)?.startTime;
    expect(await platform.resolve({ kind: 'member', service: 'api' })).toEqual([
      {
        kind: 'process',
        service: 'api',
        name: 'here',
        uid: `${process.pid}:${startTime}`,
        locator: { pid: process.pid, startTime, pidFile: join(directory, 'here'), name: 'here' },
      },
    ]);
  });

  test('finds links, volumes and databases by their names', async () => {
    expect(await platform.resolve({ kind: 'link', service: 'api', to: 'fraud-detector' })).toMatchObject([
      { name: 'fraud', locator: { from: 'api', to: 'fraud-detector', listen: '127.0.0.1:7001', control: '/links/fraud.sock' } },
    ]);
    expect(await platform.resolve({ kind: 'link', service: 'api', to: 'database' })).toMatchObject([
      {
        uid: 'redirect:127.0.0.1:5432',
        locator: { from: 'api', to: 'database', addresses: ['127.0.0.1:5432'], caller: { user: 'api' } },
      },
    ]);
    expect(await platform.resolve({ kind: 'volume', service: 'api', volume: 'journal' })).toMatchObject([
      { uid: '/volumes/audit', locator: { path: '/volumes/audit' } },
    ]);
    expect(await platform.resolve({ kind: 'postgres', service: 'api', postgres: 'payments' })).toMatchObject([
      { locator: { connection: 'file:/secrets/dsn' } },
    ]);
    expect(await platform.resolve({ kind: 'redis', service: 'api', redis: 'sessions' })).toMatchObject([
      { kind: 'redis', name: 'sessions', locator: { connection: 'env:REDIS_URL' } },
    ]);
  });

  test('takes a redirected link for well only when each of its addresses takes a connection', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const here = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const link = (addresses: string[]) =>
      ({ kind: 'link', service: 'api', name: 'database', uid: 'x', locator: { addresses, caller: 'anyone' } }) as const;
    expect(await platform.problemWith(link([here, here]))).toBeNull();
    expect(await platform.problemWith(link([here, '127.0.0.1:1']))).toContain('link api/database does not take requests');
    server.close();
  });

  test.each([
    { kind: 'member', service: 'other' },
    { kind: 'link', service: 'api', to: 'other' },
    { kind: 'volume', service: 'api', volume: 'other' },
    { kind: 'postgres', service: 'api', postgres: 'other' },
    { kind: 'redis', service: 'api', redis: 'payments' },
  ] as const)('finds nothing where there is nothing: %j', async (selector) => {
    expect(await platform.resolve(selector)).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { debianProgram, libraryPath } from '../../../lab/host/debian-package.ts';
import { obtain } from '../../../lab/host/program.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { until } from '../until.ts';

export type RedisClient = Awaited<ReturnType<typeof connect>>;

export interface TestRedis {
  readonly target: TargetRef;
  /** Somebody else's connection. */
  readonly client: RedisClient;
  /** The same server, entered by another user. */
  targetFor(user: string, password: string): Promise<TargetRef>;
  stop(): Promise<void>;
  dispose(): Promise<void>;
}

/** A real server on loopback, with a password, which no file but the target's own holds. */
export async function startRedis(...options: readonly string[]): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-redis-'));
  const otherwise = 'Install the Debian package redis-server';
  const root = await obtain(
    debianProgram(['redis-server', 'redis-tools'], otherwise, (path) => path),
    () => {},
  );
  const port = await freePort();
  const password = 'hunter2-hunter2';
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--requirepass', password];
  const server = spawn(join(root, 'usr', 'bin', 'redis-server'), [...own, ...options], {
    stdio: 'ignore',
    env: { PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: libraryPath(root) },
  });
  const exited = new Promise((resolve) => server.once('exit', resolve));
  const connecting = async (): Promise<RedisClient | null> => connect(port, password).catch(() => null);
  let client: RedisClient | null = null;
  await until('Redis answers', async () => (client ??= await connecting()) !== null, 20_000);
  const targetFor = async (user: string, secret: string): Promise<TargetRef> => {
    const file = join(directory, `${user}.url`);
    await writeFile(file, `redis://${user}:${secret}@127.0.0.1:${port}\n`);
    const connection = `file:${file}`;
    return { kind: 'redis', service: 'cache', name: 'sessions', uid: connection, locator: { connection } };
  };
  const stop = async (): Promise<void> => {
    client?.destroy();
    server.kill('SIGKILL');
    await exited;
  };
  return {
    client: client!,
    target: await targetFor('default', password),
    targetFor,
    stop,
    dispose: async () => {
      await stop();
      await rm(directory, { recursive: true });
    },
  };
}

async function connect(port: number, password: string) {
  const client = createClient({ RESP: 2, password, socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { execFileSync } from 'node:child_process';
import { chownSync, existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../../lab/host/postgres.ts';
import { findUser, weAreRoot } from '../../../lab/host/unix-user.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';

export const maxConnections = 20;

export interface TestPostgres {
  readonly dsn: string;
  readonly target: TargetRef;
  /** The same server, entered by a new role that may only log in. */
  targetOf(role: string): Promise<TargetRef>;
  stop(): void;
  dispose(): Promise<void>;
}

/** A real server in a directory of its own, as another user when we are root: the server refuses to run as root. */
export async function startPostgres(): Promise<TestPostgres> {
  const user = weAreRoot() ? findUser('postgres', 'nobody') : null;
  const owner = user === null ? {} : { uid: user.uid, gid: user.gid };
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-pg-'));
  if (user !== null) chownSync(directory, user.uid, user.gid);
  const programs = await findPostgres(join(directory, 'programs'), () => {});
  const data = join(directory, 'data');
  const port = await freePort();
  const run = (program: string, ...args: string[]): void =>
    void execFileSync(join(programs.bin, program), args, {
      ...owner,
      cwd: directory,
      stdio: 'ignore',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', ...programs.env },
    });
  run('initdb', '-D', data, '-U', 'drill', '-A', 'trust', '--no-sync');
  const options = `-p ${port} -h 127.0.0.1 -k ${directory} -c max_connections=${maxConnections} -c fsync=off`;
  run('pg_ctl', '-D', data, '-w', '-l', join(directory, 'log'), '-o', options, 'start');

  const dsn = `postgres://drill@127.0.0.1:${port}/postgres`;
  const targetFor = async (role: string): Promise<TargetRef> => {
    const dsnFile = join(directory, `${role}.dsn`);
    await writeFile(dsnFile, `postgres://${role}@127.0.0.1:${port}/postgres\n`);
    return {
      kind: 'postgres',
      service: 'database',
      name: 'payments',
      uid: `127.0.0.1:${port}`,
      locator: { connection: `file:${dsnFile}` },
    };
  };
  const stop = (): void => {
    if (existsSync(join(data, 'postmaster.pid'))) run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
  };
  return {
    dsn,
    target: await targetFor('drill'),
    targetOf: async (role) => {
      const client = new pg.Client({ connectionString: dsn });
      await client.connect();
      await client.query(`create role ${role} login`);
      await client.end();
      return targetFor(role);
    },
    stop,
    dispose: async () => {
      stop();
      await rm(directory, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { execFileSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
  readonly data: string;
  readonly dsn: string;
  readonly target: TargetRef;
  /** The same server, entered by a role that is there. */
  targetFor(role: string): Promise<TargetRef>;
  /** The same server, entered by a new role that may only log in. */
  targetOf(role: string): Promise<TargetRef>;
  stop(): void;
  dispose(): Promise<void>;
}

/**
 * A real server in a directory of its own, as another user when we are root: the server refuses to run as root.
 * `primary`: the one that it follows.
 */
export async function startPostgres(primary: TestPostgres | null = null): Promise<TestPostgres> {
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
  if (primary === null) run('initdb', '-D', data, '-U', 'drill', '-A', 'trust', '--no-sync');
  else await follow(primary, data, (from) => execFileSync('cp', ['-a', from, data], { stdio: 'ignore' }));
  if (user !== null) for (const name of readdirSync(data)) chownSync(join(data, name), user.uid, user.gid);
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
    data,
    dsn,
    target: await targetFor('drill'),
    targetFor,
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

/** Without pg_basebackup, which not every package of the server has: a copy of its files, and the label that makes it a backup. */
async function follow({ dsn, data: from }: TestPostgres, data: string, copy: (from: string) => void): Promise<void> {
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  await client.query(`select pg_backup_start('replica', fast => true)`);
  copy(from);
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(wait_for_archive => false)');
  await client.end();
  rmSync(join(data, 'postmaster.pid'));
  writeFileSync(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  writeFileSync(join(data, 'standby.signal'), '');
  appendFileSync(join(data, 'postgresql.auto.conf'), `primary_conninfo = '${dsn}'\n`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { AppError, messageOf } from '../../src/domain/errors.ts';
import { debianProgram, libraryPath } from './debian-package.ts';
import type { PartCommand } from './part.ts';
import { obtain, type Program } from './program.ts';
import { isExecutable, runToEnd } from './programs.ts';
import { findUser, weAreRoot, type UnixUser } from './unix-user.ts';

/** A folder of PostgreSQL programs, and the shared libraries it needs when it was unpacked and not installed. */
export interface PostgresPrograms {
  readonly bin: string;
  /** The folder they were unpacked into; null when they are installed. */
  readonly unpackedIn: string | null;
  readonly env: Readonly<Record<string, string>>;
}

/** FIREDRILL_POSTGRES_BIN (a folder), else PATH, else Debian's installed versions, else Debian packages in the cache. */
export function locatePostgres(): Program<PostgresPrograms> {
  const given = process.env.FIREDRILL_POSTGRES_BIN;
  const installed = [...(process.env.PATH ?? '').split(':'), ...installedVersions()];
  const bin = given ?? installed.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name))));
  if (bin !== undefined) return { found: { bin, unpackedIn: null, env: {} } };
  const otherwise = 'Install PostgreSQL (https://www.postgresql.org/download) or set FIREDRILL_POSTGRES_BIN to its bin folder';
  return debianProgram(['postgresql-15'], otherwise, unpackedPrograms);
}

/** `copyTo`: where to put a copy of unpacked ones, when the user PostgreSQL runs as may not enter our cache. */
export async function findPostgres(copyTo: string, report: (line: string) => void): Promise<PostgresPrograms> {
  const programs = await obtain(locatePostgres(), report);
  if (programs.unpackedIn === null || !weAreRoot()) return programs;
  // Links stay relative: where they would point to otherwise, that user may not go either.
  cpSync(programs.unpackedIn, copyTo, { recursive: true, verbatimSymlinks: true });
  return unpackedPrograms(copyTo);
}

/** The programs in a folder that Debian packages were unpacked into. */
export function unpackedPrograms(root: string): PostgresPrograms {
  return {
    bin: join(root, 'usr', 'lib', 'postgresql', '15', 'bin'),
    unpackedIn: root,
    env: { LD_LIBRARY_PATH: libraryPath(root) },
  };
}

function installedVersions(): string[] {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join('/usr/lib/postgresql', version, 'bin'));
  } catch {
    return [];
  }
}

/**
 * Makes a fresh cluster under `directory` and says how to start it. Fast, not safe: it is thrown away at `down`.
 * PostgreSQL refuses root: as root it runs as `postgres`, else `nobody`. Errors: `part/died` when the cluster cannot be made.
 */
export async function postgresCommand(options: {
  programs: PostgresPrograms;
  port: number;
  directory: string;
  logFile: string;
}): Promise<PartCommand> {
  const { programs, port, directory } = options;
  const user = weAreRoot() ? findUser('postgres', 'nobody') : null;
  mkdirSync(directory, { recursive: true });
  if (user !== null) chownSync(directory, user.uid, user.gid);
  chmodSync(directory, 0o700);
  const data = join(directory, 'data');
  await makeCluster(programs, data, directory, user);
  writeFileSync(join(data, 'postgresql.auto.conf'), settings(port, directory));
  const connectionString = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    name: 'postgres',
    argv: [join(programs.bin, 'postgres'), '-D', data],
    env: programs.env,
    cwd: directory,
    ...(user === null ? {} : { user }),
    logFile: options.logFile,
    address: `127.0.0.1:${port}`,
    // "Fast" shutdown: the default one waits for its clients.
    stopSignal: 'SIGINT',
    readyWithinMs: 30_000,
    ready: async () => {
      const client = new pg.Client({ connectionString });
      await client.connect();
      await client.end();
      return true;
    },
  };
}

async function makeCluster(programs: PostgresPrograms, data: string, cwd: string, user: UnixUser | null): Promise<void> {
  const argv = [
    join(programs.bin, 'initdb'),
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--no-sync',
    '-E',
    'UTF8',
    '--locale=C',
  ];
  const as = user === null ? {} : { uid: user.uid, gid: user.gid };
  try {
    await runToEnd(argv, { cwd, env: { ...process.env, ...programs.env }, ...as });
  } catch (error) {
    const who = user === null ? '' : ` as user ${user.name}, who must be able to enter that folder`;
    throw new AppError('part/died', `postgres: initdb failed in ${data}${who}: ${messageOf(error)}`, {
      cause: error,
      details: { part: 'postgres' },
    });
  }
}

function settings(port: number, socketDirectory: string): string {
  return [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${socketDirectory}'`,
    'max_connections = 100',
    'shared_buffers = 32MB',
    'fsync = off',
    'synchronous_commit = off',
    'full_page_writes = off',
    '',
  ].join('\n');
}

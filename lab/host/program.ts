import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '../../src/domain/errors.ts';
import { cacheDirectory } from './programs.ts';

/** A program of ours: there, or to be fetched first. */
export type Program<T> = { readonly found: T } | { readonly fetch: Fetch<T> };

export interface Fetch<T> {
  /** For people, before anything is fetched: what, from where, to where. */
  readonly what: string;
  bring(): Promise<T>;
}

/** What to put into the cache under `name`, once. */
export interface Cached<T> {
  readonly name: string;
  /** What is fetched, in words. */
  readonly what: string;
  /** What to do on a machine that cannot fetch it. */
  readonly otherwise: string;
  /** Fetches within `work` and gives the folder to keep. */
  unpack(work: string): Promise<string>;
  use(directory: string): T;
}

/** A program in the cache, or the way to have it there. Fetching throws `part/missing`, with what to do otherwise. */
export function cachedProgram<T>({ name, what, otherwise, unpack, use }: Cached<T>): Program<T> {
  const cache = cacheDirectory();
  const directory = join(cache, name);
  if (existsSync(directory)) return { found: use(directory) };
  return {
    fetch: {
      what: `${what} into ${directory} (unpacked there, not installed)`,
      async bring() {
        const work = mkdtempSync(join(cache, 'fetch-'));
        try {
          keep(await unpack(work), directory);
        } catch (error) {
          throw new AppError('part/missing', `${what} could not be fetched: ${messageOf(error)}. ${otherwise}`, { cause: error });
        } finally {
          rmSync(work, { recursive: true, force: true });
        }
        return use(directory);
      },
    },
  };
}

/** One step, last: a cache that is there is whole. Another process may have been faster. */
function keep(unpacked: string, directory: string): void {
  try {
    renameSync(unpacked, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  }
}

/** The program itself, fetched when it must be. */
export async function obtain<T>(program: Program<T>, report: (line: string) => void): Promise<T> {
  if ('found' in program) return program.found;
  report(`fetching ${program.fetch.what}`);
  return program.fetch.bring();
}

/** Says first all that will be fetched, then fetches it, one after the other: apt allows one at a time. */
export async function fetchMissing(programs: readonly Program<unknown>[], report: (line: string) => void): Promise<void> {
  const missing = programs.filter((program) => 'fetch' in program);
  if (missing.length > 0) report(`to be fetched:\n${missing.map(({ fetch }) => `  ${fetch.what}`).join('\n')}`);
  for (const program of missing) await obtain(program, report);
}

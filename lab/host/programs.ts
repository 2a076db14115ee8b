import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where fetched programs are kept: FIREDRILL_CACHE, else ~/.cache/firedrill. Made when it is not there. */
export function cacheDirectory(): string {
  const directory = process.env.FIREDRILL_CACHE ?? join(homedir(), '.cache', 'firedrill');
  mkdirSync(directory, { recursive: true });
  return directory;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** null when the program is in no folder of PATH. */
export function findOnPath(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isExecutable) ?? null;
}

/** Runs to its end; the error holds what it wrote. */
export async function runToEnd(
  argv: readonly string[],
  options: { cwd?: string; uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const [program, ...args] = argv;
  const { stdout } = await run(program ?? '', args, { ...options, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
}

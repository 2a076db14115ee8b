import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../../domain/errors.ts';

/** Only to go on from: needs no right to read. Linux's own, which Node does not name. */
const pathOnly = 0o10_000_000;

/** Where a container's files begin, for who may look: the kernel's own, and not a link that anybody could turn. */
const containersRoot = /^\/proc\/\d+\/root(?=\/)/;

/**
 * What `use` does with the path that it is given is done in the directory of `path`, which is walked to without following a link
 * and is held meanwhile. Whoever owns a directory above may put a link in its place at any moment, and we may be root.
 * Errors: Node's; `ENOTDIR` where a link or a file is in the way.
 */
export async function inDirectory<T>(path: string, use: (held: string) => Promise<T>): Promise<T> {
  const root = containersRoot.exec(path)?.[0] ?? '';
  const parts = path.slice(root.length).split('/').filter(Boolean);
  const name = parts.pop() ?? '';
  let directory = await open(`${root}/`, pathOnly | constants.O_DIRECTORY);
  try {
    for (const part of parts) {
      const next = await open(`${heldAs(directory)}/${part}`, pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      await directory.close();
      directory = next;
    }
    return await use(`${heldAs(directory)}/${name}`);
  } finally {
    await directory.close();
  }
}

const heldAs = ({ fd }: FileHandle): string => `/proc/self/fd/${fd}`;

/** Errors: Node's; `ELOOP` where it is a link; `policy/denied` where it is a device, a pipe or a directory. */
export async function openPlain(path: string, flags: number): Promise<FileHandle> {
  // A pipe that nobody reads would be waited for.
  const file = await open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new AppError('policy/denied', `${path} is no plain file. Somebody has put it there: remove it by hand`);
}

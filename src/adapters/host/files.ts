import { constants } from 'node:fs';
import { lstat, mkdir, readFile, realpath, rm, stat, statfs } from 'node:fs/promises';
import type { FileStat } from '../../faults/fault.ts';
import { runCommand } from './commands.ts';
import { inDirectory, openPlain } from './plain-files.ts';

const block = Buffer.alloc(1024 * 1024);
const probeBytes = 4096;

export const realPath = (path: string): Promise<string> => realpath(path);
export const readText = (path: string): Promise<string> => readFile(path, 'utf8');

export async function shrinkFile(path: string, bytes: number): Promise<void> {
  await inDirectory(path, async (held) => {
    const file = await openPlain(held, constants.O_WRONLY);
    await file.truncate(bytes).finally(() => file.close());
  });
}

export const removeFile = (path: string): Promise<void> => remove(path, { force: true });
export const removeDirectory = (path: string): Promise<void> => remove(path, { force: true, recursive: true });

async function remove(path: string, options: { readonly force: true; readonly recursive?: true }): Promise<void> {
  try {
    await inDirectory(path, (held) => rm(held, options));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

export function makeDirectory(path: string): Promise<void> {
  return inDirectory(path, async (held) => {
    try {
      await mkdir(held, 0o700);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await lstat(held)).isDirectory()) return;
      throw error;
    }
  });
}

export function timeWrite(path: string): Promise<number> {
  return inDirectory(path, timeWriteHere);
}

async function timeWriteHere(path: string): Promise<number> {
  const file = await openPlain(path, constants.O_WRONLY | constants.O_CREAT);
  try {
    await rm(path);
    const startedAt = performance.now();
    await file.write(block, 0, probeBytes);
    await file.sync();
    return performance.now() - startedAt;
  } finally {
    await file.close();
  }
}

export async function spaceOf(path: string): Promise<{ totalBytes: number; freeBytes: number; device: number }> {
  const [space, { dev }] = await Promise.all([statfs(path), stat(path)]);
  return { totalBytes: space.blocks * space.bsize, freeBytes: space.bavail * space.bsize, device: dev };
}

export async function statFile(path: string): Promise<FileStat | null> {
  try {
    const found = await lstat(path);
    return {
      isFile: found.isFile(),
      isDirectory: found.isDirectory(),
      allocatedBytes: found.blocks * 512,
      sizeBytes: found.size,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** To exactly `bytes` of real blocks: by `fallocate` where the file system can, else by writing. */
export async function allocateFile(
  path: string,
  bytes: number,
  signal: AbortSignal,
  fallocate: readonly string[] = ['fallocate'],
): Promise<void> {
  const file = await inDirectory(path, (held) => openPlain(held, constants.O_RDWR | constants.O_CREAT));
  try {
    signal.throwIfAborted();
    // The file that is open, not whatever has its name by now.
    const opened = `/proc/${process.pid}/fd/${file.fd}`;
    const { code } = await runCommand([...fallocate, '--length', String(bytes), opened], { timeoutMs: 60_000, signal });
    if (code === 0) return;
    let written = (await file.stat()).size;
    while (written < bytes) {
      signal.throwIfAborted();
      const { bytesWritten } = await file.write(block, 0, Math.min(block.length, bytes - written), written);
      written += bytesWritten;
    }
  } finally {
    await file.close();
  }
}

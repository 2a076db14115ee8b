import { constants } from 'node:fs';
import { lstat, mkdir, open, readFile, realpath, rm, stat, statfs, truncate } from 'node:fs/promises';
import type { FileStat } from '../../faults/fault.ts';
import { runCommand } from './commands.ts';

const block = Buffer.alloc(1024 * 1024);
const probeBytes = 4096;

export const realPath = (path: string): Promise<string> => realpath(path);
export const readText = (path: string): Promise<string> => readFile(path, 'utf8');
export const shrinkFile = (path: string, bytes: number): Promise<void> => truncate(path, bytes);
export const removeFile = (path: string): Promise<void> => rm(path, { force: true });

export const removeDirectory = (path: string): Promise<void> => rm(path, { force: true, recursive: true });

export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && (await lstat(path)).isDirectory()) return;
    throw error;
  }
}

export async function timeWrite(path: string): Promise<number> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
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
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    signal.throwIfAborted();
    const { code } = await runCommand([...fallocate, '--length', String(bytes), path], { timeoutMs: 60_000, signal });
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

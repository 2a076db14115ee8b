import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { weAreRoot } from '../../lab/host/unix-user.ts';

/** A place that a test can fill to the last byte. */
export interface Disk {
  fill(): void;
  free(): void;
  close(): void;
}

/**
 * A small file system over a directory, for root. Others cannot mount one: to them the folders in it are closed instead, so
 * that every write there fails as well.
 */
export function openDisk(directory: string): Disk {
  if (!weAreRoot()) return closedFolders(directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0755', 'firedrill-test', directory]);
  const filler = join(directory, '.filler');
  return {
    fill() {
      // What is left of the last block of an open file is room too: lines go on fitting in there for a while.
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
    },
    free: () => rmSync(filler, { force: true }),
    close: () => void execFileSync('umount', ['--lazy', directory]),
  };
}

function closedFolders(directory: string): Disk {
  const all = (mode: number): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
      chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? mode : mode & 0o666);
    }
    chmodSync(directory, mode);
  };
  return { fill: () => all(0o555), free: () => all(0o755), close: () => all(0o755) };
}

import { chmodSync, mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { weAreRoot } from './unix-user.ts';

/**
 * A folder that the user PostgreSQL runs as can enter: `name` below ours, or, when root's checkout lies where nobody else may
 * go (/root itself), one in the machine's temporary folder, which `owns` is told of.
 */
export function openFolder(directory: string, name: string, owns: (folder: string) => void): string {
  const folder = join(directory, name);
  if (!weAreRoot() || isOpen(directory)) {
    mkdirSync(folder, { recursive: true });
    return folder;
  }
  const elsewhere = mkdtempSync(join(tmpdir(), `firedrill-${name}-`));
  owns(elsewhere);
  chmodSync(elsewhere, 0o755);
  return elsewhere;
}

/** Whether others may pass through it and every folder above it. */
export function isOpen(directory: string): boolean {
  const open = (statSync(directory).mode & 0o001) !== 0;
  return open && (dirname(directory) === directory || isOpen(dirname(directory)));
}

import { mkdirSync, readFileSync } from 'node:fs';
import { messageOf } from '../../src/domain/errors.ts';
import { runToEnd } from './programs.ts';
import { weAreRoot } from './unix-user.ts';

/**
 * A volume of 64 MiB at `path`, small enough to be filled in a drill. Needs root; without it a plain folder, which shares
 * the disk it lies on, and says so.
 */
export async function makeAuditVolume(path: string, report: (line: string) => void): Promise<void> {
  mkdirSync(path, { recursive: true });
  const plain = `the audit volume ${path} is a plain folder: filling it fills the disk it lies on`;
  if (!weAreRoot()) {
    report(`${plain} (only root can mount a small one)`);
    return;
  }
  try {
    await runToEnd(['mount', '-t', 'tmpfs', '-o', 'size=64m,mode=0755', 'firedrill-audit', path]);
  } catch (error) {
    report(`${plain} (${messageOf(error).trim()})`);
  }
}

/** Not mounted any more is fine. */
export async function unmountVolume(path: string): Promise<void> {
  if (isMounted(path)) await runToEnd(['umount', path]);
}

export function isMounted(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path.replaceAll(' ', '\\040'));
}

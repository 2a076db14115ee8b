import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { weAreRoot } from './unix-user.ts';

/** A cgroup of the unified hierarchy: by it the kernel knows whose a connection is, as it knows a service of systemd. */
export interface CallerGroup {
  /** Within the hierarchy, as an environment file names it. */
  readonly name: string;
  /** A pid written here is a member. */
  readonly procsFile: string;
}

/** The group of payments-api in the stack of that folder; null when we may not make one here. */
export function makeCallerGroup(directory: string): CallerGroup | null {
  const found = groupOf(directory);
  if (found === null || !weAreRoot()) return null;
  try {
    mkdirSync(found.path, { recursive: true });
  } catch {
    return null;
  }
  return { name: found.name, procsFile: join(found.path, 'cgroup.procs') };
}

/** Not there any more is fine. Its members must have ended. */
export function removeCallerGroup(directory: string): void {
  const found = groupOf(directory);
  if (found !== null && existsSync(found.path)) rmdirSync(found.path);
}

/** Below our own group, so that a container or a unit of systemd need not let us out. */
function groupOf(directory: string): { readonly name: string; readonly path: string } | null {
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n');
  const mount = mounts.map((line) => line.split(' ')).find(([, , type]) => type === 'cgroup2')?.[1];
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (mount === undefined || own === undefined) return null;
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  const name = join(own, `firedrill-lab-${id}`);
  return { name: name.replace(/^\//, ''), path: join(mount, name) };
}

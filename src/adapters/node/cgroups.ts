import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import type { ContainerCgroup } from '../../faults/node-tools.ts';
import { parseCgroupLines } from './cgroup-lines.ts';

/** Where the node mounts its cgroup trees: one per controller in version 1, one in all in version 2. */
export interface CgroupMounts {
  readonly unified: string | null;
  readonly controllers: Readonly<Record<string, string>>;
}

/** Of /proc/1/mountinfo. */
export function parseCgroupMounts(mountinfo: string): CgroupMounts {
  let unified: string | null = null;
  const controllers: Record<string, string> = {};
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [type, , options = ''] = after.split(' ');
    const path = before.split(' ')[4];
    if (path === undefined) continue;
    if (type === 'cgroup2') unified = path;
    if (type === 'cgroup') for (const option of options.split(',')) controllers[option] = path;
  }
  return { unified, controllers };
}

/**
 * A container's cgroup from its /proc/<pid>/cgroup as the node's first process reads it, reached through that process: its
 * mounts are the node's, so no path of the node is mounted into the agent. Errors: `part/missing`, where the node accounts nothing.
 */
export function cgroupFrom(text: string, mounts: CgroupMounts, firstPid = 1): ContainerCgroup {
  const nodeRoot = `/proc/${firstPid}/root`;
  const namespace = `/proc/${firstPid}/ns/cgroup`;
  const lines = parseCgroupLines(text);
  const places = lines.flatMap(({ controllers, path }) =>
    controllers.map((controller) => [controller, mounts.controllers[controller], path] as const),
  );
  const directories = new Map(
    places.flatMap(([controller, mount, path]) =>
      mount === undefined ? [] : [[controller, join(nodeRoot, mount, path)] as const],
    ),
  );
  if (directories.has('memory')) {
    return {
      version: 1,
      directory: (controller) => directories.get(controller) ?? missing(controller),
      all: [...new Set(directories.values())],
      namespace,
    };
  }
  const path = lines.find(({ controllers }) => controllers.length === 0)?.path;
  if (mounts.unified === null || path === undefined) return missing('memory');
  const directory = join(nodeRoot, mounts.unified, path);
  return { version: 2, directory: () => directory, all: [directory], namespace };
}

export async function readCgroupMounts(firstPid: number): Promise<CgroupMounts> {
  return parseCgroupMounts(await readFile(`/proc/${firstPid}/mountinfo`, 'utf8'));
}

function missing(controller: string): never {
  throw new AppError('part/missing', `this node has no cgroup mount for ${controller}. Mount it, or choose another node`);
}

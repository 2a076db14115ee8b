import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../src/domain/errors.ts';
import { until } from './step.ts';

const mounts = '/sys/fs/cgroup';
const GROUP = 'firedrill-lab';
const REMOVED_WITHIN_MS = 10_000;

/**
 * The hierarchies of cgroup v1 on this machine, by the names of their folders. Nodes mount each of them, with their own group
 * as its root. Errors: `part/missing` on a machine that has only version 2.
 */
export function cgroupHierarchies(): readonly string[] {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  const names = lines.map((line) => line.split(':')[1] ?? '').filter((name) => name !== '');
  const found = names.map((name) => name.replace('name=', '')).filter((name) => existsSync(join(mounts, name)));
  if (['memory', 'pids', 'cpuset'].every((name) => found.includes(name))) return found;
  throw new AppError(
    'part/missing',
    `this machine mounts no cgroup v1 hierarchies below ${mounts}, which the lab's nodes need. Use npm run cluster:up -- --kind`,
  );
}

/** The group of a node in each hierarchy; its `cgroup.procs` files. Those of a former boot are removed before. */
export async function makeNodeGroups(node: string): Promise<readonly string[]> {
  await removeNodeGroups(node);
  return cgroupHierarchies().map((hierarchy) => {
    const parent = join(mounts, hierarchy, GROUP);
    for (const group of [parent, join(parent, node)]) {
      mkdirSync(group, { recursive: true });
      if (hierarchy.split(',').includes('cpuset')) inheritProcessors(hierarchy, group);
    }
    return join(parent, node, 'cgroup.procs');
  });
}

/** A cpuset begins empty, and nothing may run in an empty one. */
function inheritProcessors(hierarchy: string, group: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(join(group, file), readFileSync(join(mounts, hierarchy, file)));
  }
}

/** Stale groups of pods cost cAdvisor seconds each. The kernel may need a moment to let go of one whose processes ended. */
export async function removeNodeGroups(node: string): Promise<void> {
  await removeGroups(`${GROUP}/${node}`);
}

export async function removeLabGroups(): Promise<void> {
  await removeGroups(GROUP);
}

async function removeGroups(path: string): Promise<void> {
  const groups = cgroupHierarchies().map((hierarchy) => join(mounts, hierarchy, path));
  await until(`the end of the cgroups ${path}`, REMOVED_WITHIN_MS, () => {
    groups.filter((group) => existsSync(group)).forEach(removeTree);
    return true;
  });
}

function removeTree(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(group, entry.name));
  }
  rmdirSync(group);
}

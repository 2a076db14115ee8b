import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import type { ContainerCgroup } from '../node-tools.ts';
import { memoryFiles, memoryLimit, workingSetBytes } from './cgroup-figures.ts';
import type { ContainerInstance } from './container.ts';

/** What the container uses and could not give back, in bytes. */
export async function memoryUsed({ host }: FaultContext, { version, directory }: ContainerCgroup): Promise<number> {
  const read = (file: string): Promise<string> => host.files.readText(`${directory('memory')}/${file}`);
  const [usage, stat] = await Promise.all([read(memoryFiles[version].usage), read('memory.stat')]);
  return workingSetBytes(version, usage, stat);
}

/** Bytes. Errors: `policy/denied` where there is none: a share of it would be of the node. */
export async function memoryLimitOf(
  { host }: FaultContext,
  { version, directory }: ContainerCgroup,
  what: string,
): Promise<number> {
  const limit = memoryLimit(await host.files.readText(`${directory('memory')}/${memoryFiles[version].limit}`));
  if (limit !== null) return limit;
  throw new AppError('policy/denied', `${what} has no memory limit, so the node would be filled. Give it one, or choose another`);
}

/** What the node has left for everybody, in bytes. */
export async function nodeMemoryLeft({ host }: FaultContext): Promise<number> {
  const line = /^MemAvailable:\s+(\d+) kB$/m.exec(await host.files.readText('/proc/meminfo'));
  return Number(line?.[1] ?? 0) * 1024;
}

/**
 * Whether the kernel, when the limit is met, would end the container rather than a load of ours of that size: it takes the whole
 * cgroup where it was told so, else the process with the most memory, to which its `oom_score_adj` adds thousandths of the limit.
 */
export async function wouldEndContainer(
  { host }: FaultContext,
  { version, directory }: ContainerCgroup,
  instance: ContainerInstance,
  { limitBytes, loadBytes }: { readonly limitBytes: number; readonly loadBytes: number },
): Promise<boolean> {
  const group = version === 2 ? await host.files.readText(`${directory('memory')}/memory.oom.group`).catch(() => '0') : '0';
  if (group.trim() === '1') return true;
  const [theirs, ours, status] = await Promise.all(
    [`/proc/${instance.pid}/oom_score_adj`, '/proc/self/oom_score_adj', `/proc/${instance.pid}/status`].map((path) =>
      host.files.readText(path),
    ),
  );
  const residentBytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1] ?? 0) * 1024;
  const points = (adjustment: string | undefined, bytes: number): number => (Number(adjustment) / 1000) * limitBytes + bytes;
  return points(theirs, residentBytes) > points(ours, loadBytes);
}

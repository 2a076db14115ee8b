import type { FaultContext } from '../fault.ts';
import type { ContainerCgroup } from '../node-tools.ts';
import { ioFiles, writtenBytes } from './cgroup-figures.ts';

interface Sample {
  readonly at: number;
  readonly cgroup: number | null;
  readonly loads: number;
}

/** What is written, over a stretch of time. */
export interface IoUse {
  /** By the kernel's account of the container, bytes per second on block devices; null: it keeps none, or not of this volume. */
  readonly cgroupPerSecond: number | null;
  /** By our loads alone, each by its own account. */
  readonly loadsPerSecond: number;
  /** By our loads since they began. */
  readonly loadBytes: number;
}

/** Takes `ms`. */
export async function measureIo(
  context: FaultContext,
  cgroup: ContainerCgroup,
  loads: readonly number[],
  ms: number,
): Promise<IoUse> {
  const before = await sample(context, cgroup, loads);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = await sample(context, cgroup, loads);
  const seconds = (after.at - before.at) / 1000;
  return {
    cgroupPerSecond: isKept(after) ? (after.cgroup - (before.cgroup ?? 0)) / seconds : null,
    loadsPerSecond: (after.loads - before.loads) / seconds,
    loadBytes: after.loads,
  };
}

/** Version 1 counts only while somebody limits a device, since Linux 6.10, and neither counts what is no block device. */
function isKept(sample: Sample): sample is Sample & { readonly cgroup: number } {
  return sample.cgroup !== null && (sample.cgroup > 0 || sample.loads === 0);
}

const probes = 5;

/** The median of some small writes that are waited for, in ms. Errors: Node's, such as `EACCES`. */
export async function timeWrites({ host }: FaultContext, path: string): Promise<number> {
  const times: number[] = [];
  while (times.length < probes) times.push(await host.files.timeWrite(path));
  return times.toSorted((a, b) => a - b)[Math.floor(probes / 2)] ?? 0;
}

async function sample(
  { host }: FaultContext,
  { version, directory }: ContainerCgroup,
  loads: readonly number[],
): Promise<Sample> {
  const [cgroup, ...each] = await Promise.all([
    host.files.readText(`${directory('blkio')}/${ioFiles[version]}`).then(
      (text) => writtenBytes(version, text),
      () => null,
    ),
    ...loads.map(async (pid) => {
      const text = await host.files.readText(`/proc/${pid}/io`).catch(() => '');
      return Number(/^write_bytes: (\d+)$/m.exec(text)?.[1] ?? 0);
    }),
  ]);
  return { at: performance.now(), cgroup, loads: each.reduce((total, bytes) => total + bytes, 0) };
}

import type { FaultContext } from '../fault.ts';
import type { ContainerCgroup } from '../node-tools.ts';
import { cpuFiles, cpuLimit, cpuSeconds, statOf } from './cgroup-figures.ts';

interface Sample {
  readonly at: number;
  readonly seconds: number;
  readonly periods: number;
  readonly throttled: number;
}

/** Of a container, over a stretch of time: cores in use, and how many of the scheduler's periods ended with it held back. */
export interface CpuUse {
  readonly cores: number;
  readonly periods: number;
  readonly throttled: number;
}

/** Takes `ms`. The kernel's own account: whatever runs in the container's cgroup is in it. */
export async function measureCpu(context: FaultContext, cgroup: ContainerCgroup, ms: number): Promise<CpuUse> {
  const before = await sample(context, cgroup);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = await sample(context, cgroup);
  return {
    cores: (after.seconds - before.seconds) / ((after.at - before.at) / 1000),
    periods: after.periods - before.periods,
    throttled: after.throttled - before.throttled,
  };
}

/** Cores; null: as many as the node has. */
export async function cpuLimitOf(context: FaultContext, { version, directory }: ContainerCgroup): Promise<number | null> {
  const texts = cpuFiles[version].quota.map((file) => context.host.files.readText(`${directory('cpu')}/${file}`));
  return cpuLimit(version, await Promise.all(texts));
}

async function sample({ host }: FaultContext, { version, directory }: ContainerCgroup): Promise<Sample> {
  const { usage, throttling } = cpuFiles[version];
  const [used, throttle] = await Promise.all([
    host.files.readText(`${directory('cpuacct')}/${usage}`),
    host.files.readText(`${directory('cpu')}/${throttling}`),
  ]);
  return {
    at: performance.now(),
    seconds: cpuSeconds(version, used),
    periods: statOf(throttle, 'nr_periods') ?? 0,
    throttled: statOf(throttle, 'nr_throttled') ?? 0,
  };
}

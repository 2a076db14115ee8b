import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { hasEnded } from '../../ended.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { nodeOf } from '../node-tools.ts';
import type { ContainerCgroup } from '../node-tools.ts';
import { sameContainer, type ContainerInstance } from './container.ts';

/** Supervisors by injection. Lost with the agent on purpose: they end with it, and their loads with them. */
const helpers = new Map<string, HelperProcess>();

export interface MemoryBounds {
  readonly limitBytes: number;
  /** Always left to the container; null: on purpose nothing is. */
  readonly floorBytes: number | null;
}

const state = z.object({
  running: z.int(),
  /** Loads that were ended because the container needed the memory. */
  givenBack: z.int(),
  /** The most that the container was seen to use. */
  mostBytes: z.number().nullable(),
  problem: z.string().nullable(),
});
export type LoadState = z.infer<typeof state>;

/** Errors: `part/missing`. */
export async function requireStress(context: FaultContext): Promise<void> {
  const { code } = await context.host.run(['stress-ng', '--version']);
  if (code === 0) return;
  throw new AppError('part/missing', `stress-ng is not in the agent's image or machine. Install it, or use the agent's image`);
}

export async function cgroupOf(context: FaultContext, instance: ContainerInstance): Promise<ContainerCgroup> {
  const process = await sameContainer(context, instance);
  if (process !== null) return nodeOf(context).cgroupOf(process);
  throw new AppError('target/none', `container ${instance.container} has ended. Plan again to find its replacement`);
}

export interface LoadBounds {
  readonly memory?: MemoryBounds;
  /** A directory for the loads to write in, which goes when they do. */
  readonly scratch?: string;
}

/** Puts a load into the container's cgroup, where it waits for `beginLoads`. */
export async function prepareLoad(
  context: FaultContext,
  instance: ContainerInstance,
  options: readonly string[],
  { memory, scratch }: LoadBounds = {},
): Promise<void> {
  let helper = helpers.get(context.injectionId);
  if (helper === undefined) {
    const { all, namespace, version, directory } = await cgroupOf(context, instance);
    helper = await context.host.startHelper('stress', {
      mark: context.injectionId,
      pid: instance.pid,
      directories: all,
      cgroupNamespace: namespace,
      sparesContainer: memory?.floorBytes !== null,
      memory: memory === undefined ? null : { ...memory, version, directory: directory('memory') },
      scratch: scratch ?? null,
    });
    helpers.set(context.injectionId, helper);
  }
  // Also where nobody is left to end it, it ends.
  const longest = ['--timeout', `${context.policy.maxDurationSeconds}s`];
  const argv = ['/usr/bin/stress-ng', ...options, ...longest, '--quiet', '--no-oom-adjust', '--oomable'];
  await helper.ask({ op: 'prepare', argv }, 10_000);
}

export async function beginLoads(context: FaultContext): Promise<void> {
  context.signal.throwIfAborted();
  const helper = helpers.get(context.injectionId);
  if (helper === undefined) throw new AppError('fault/inject-failed', 'the load was never prepared. Run again');
  await helper.ask({ op: 'begin' });
}

export async function loadState(context: FaultContext): Promise<LoadState> {
  const nothing = { running: 0, givenBack: 0, mostBytes: null, problem: 'its supervisor has ended' };
  const helper = helpers.get(context.injectionId);
  return helper === undefined
    ? nothing
    : helper.ask({ op: 'state' }).then(
        (answer) => state.parse(answer),
        () => nothing,
      );
}

export async function endLoads(context: FaultContext, instance: ContainerInstance): Promise<void> {
  const helper = helpers.get(context.injectionId);
  helpers.delete(context.injectionId);
  await helper?.stop();
  // Of an agent before us, should the kernel not have ended it with that agent.
  for (const pid of await loadsOf(context, instance)) {
    const process = context.host.readProcess(pid);
    if (process !== null) context.host.signal(process, 'SIGKILL');
  }
}

/** Processes of this injection in the container's cgroup, whoever started them; none when the container has ended. */
export async function loadsOf(context: FaultContext, instance: ContainerInstance): Promise<readonly number[]> {
  return (await loadProcesses(context, instance)).map(({ pid }) => pid);
}

/** Bytes that the loads hold by now: less than was asked of them, until they have filled it. */
export async function heldByLoads(context: FaultContext, instance: ContainerInstance): Promise<number> {
  const anonymous = async (pid: number): Promise<number> => {
    const status = await context.host.files.readText(`/proc/${pid}/status`).catch(noneOfEnded);
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  };
  const held = (await loadProcesses(context, instance)).map(async ({ pid, leader }) =>
    // A worker is a copy of its leader, whose pages it shares.
    pid === leader ? 0 : Math.max(0, (await anonymous(pid)) - (await anonymous(leader))),
  );
  return (await Promise.all(held)).reduce((sum, bytes) => sum + bytes, 0);
}

interface LoadProcess {
  readonly pid: number;
  /** The first process of its load, which leads its process group. */
  readonly leader: number;
}

async function loadProcesses(context: FaultContext, instance: ContainerInstance): Promise<readonly LoadProcess[]> {
  const { files } = context.host;
  const process = await sameContainer(context, instance);
  if (process === null) return [];
  const { all } = await nodeOf(context).cgroupOf(process);
  const listed = await Promise.all(all.map((one) => files.readText(`${one}/cgroup.procs`).catch(noneOfEnded)));
  const pids = [...new Set(listed.flatMap((text) => text.split('\n')).filter((line) => line !== ''))].map(Number);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [environment, stat] = await Promise.all([
        files.readText(`/proc/${pid}/environ`).catch(noneOfOthers),
        files.readText(`/proc/${pid}/stat`).catch(noneOfEnded),
      ]);
      const marked = environment.split('\0').includes(`FIREDRILL_INJECTION=${context.injectionId}`);
      return { pid, marked, leader: groupOf(stat) };
    }),
  );
  // A worker of stress-ng writes its title over its environment: it is known by the group that it is of.
  const leaders = new Set(found.filter(({ marked }) => marked).map(({ leader }) => leader));
  return found.flatMap(({ pid, leader }) => (leader !== null && leaders.has(leader) ? [{ pid, leader }] : []));
}

/** Nothing is read of what has ended. Of what cannot be read for another reason nobody knows whether it has: that is thrown. */
function noneOfEnded(error: unknown): string {
  if (hasEnded(error)) return '';
  throw error;
}

/** A load runs as its agent, and with no right that the agent has not, so it can be read: what may not be is the container's own. */
function noneOfOthers(error: unknown): string {
  return (error as NodeJS.ErrnoException).code === 'EACCES' ? '' : noneOfEnded(error);
}

/** The process group, from /proc/<pid>/stat; the name before it may hold spaces and brackets. */
function groupOf(stat: string): number | null {
  const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  return group > 0 ? group : null;
}

import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Fault, FaultContext } from './fault.ts';
import { milliseconds, percent } from '../quantities.ts';
import { claimOf } from './shared/claim.ts';
import { containerName, plannedContainer, sameContainer, type ContainerInstance } from './shared/container.ts';
import { memoryLimitOf, memoryUsed, nodeMemoryLeft, wouldEndContainer } from './shared/memory-account.ts';
import {
  beginLoads,
  cgroupOf,
  endLoads,
  heldByLoads,
  loadsOf,
  loadState,
  prepareLoad,
  requireStress,
} from './shared/stress-load.ts';

const params = z
  .strictObject({
    limitPercent: percent
      .refine((ratio) => ratio > 0, { message: 'must be more than 0%' })
      .describe('of the memory limit, with what the container itself uses, such as 85%'),
    ramp: milliseconds(1000, 3_600_000).nullable().default(null).describe('rise to it evenly within this time; default at once'),
    floor: percent.prefault('5%').describe('of the limit: when less is left, the load gives way'),
    allowOom: z.boolean().default(false).describe('on purpose: no floor, and the container is what the kernel ends'),
    container: containerName,
  })
  .refine(({ limitPercent, floor, allowOom }) => allowOom || limitPercent + floor <= 1, {
    message: 'limitPercent and floor are more than the limit. Ask for less, or set allowOom: true',
  })
  .transform(({ limitPercent, ramp, floor, allowOom, container }) => ({
    limitRatio: limitPercent,
    rampMs: ramp,
    floorRatio: floor,
    allowOom,
    container,
  }));
type Params = z.infer<typeof params>;

type Undo = ContainerInstance & {
  readonly limitBytes: number;
  readonly usedBefore: number;
};

/** A ramp has at most so many steps, each a process of its own. */
const mostSteps = 20;
/** The agent calls for the next step so often. */
const adjustMs = 1000;
/** Less is not worth a process. */
const leastBytes = 4 * 2 ** 20;
/** Twice as much as a kubelet keeps by default, and more: below 100 MiB it begins to evict. */
const nodeFloorBytes = 256 * 2 ** 20;
/** Of a step; one that fills all the while is asked for less than it could take, never for more. */
const mostReadings = 10;
/** On purpose, the load is many processes, so that none is the largest. */
const workersOnPurpose = 8;

/** How far a ramp is: of the way, 0..1, and the bytes of all loads that were begun. Lost with the agent, as the loads are. */
const rising = new Map<string, { reached: number; bytes: number }>();

export const memoryStress: Fault<Params, Undo> = {
  name: 'memory-stress',
  summary: "Fills a container's memory up to a share of its limit",
  effect: 'held',
  lifetime: 'process',
  targets: ['pod'],
  agents: ['node'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { limitRatio, allowOom, container }) {
    await requireStress(context);
    const instance = await plannedContainer(context, target, container);
    const cgroup = await cgroupOf(context, instance);
    const what = `container ${target.name}/${instance.container}`;
    const limitBytes = await memoryLimitOf(context, cgroup, what);
    const usedBefore = await memoryUsed(context, cgroup);
    const bytes = limitRatio * limitBytes - usedBefore;
    if (bytes < leastBytes) {
      const summary = `${what} uses ${size(usedBefore)} of ${size(limitBytes)} already`;
      throw new AppError('target/none', `${summary}: nothing to fill. Ask for more than ${share(usedBefore, limitBytes)}`);
    }
    const left = (await nodeMemoryLeft(context)) - bytes;
    if (left < nodeFloorBytes) {
      throw new AppError(
        'policy/denied',
        `the node of ${target.name} would have ${size(Math.max(0, left))} left for everybody. Ask for less, or another node`,
      );
    }
    const load = { limitBytes, loadBytes: bytes / workersOnPurpose };
    if (allowOom && !(await wouldEndContainer(context, cgroup, instance, load))) {
      throw new AppError(
        'policy/denied',
        `for want of memory the kernel would end our load and not ${what}, by their oom_score_adj. Run the agent as a Guaranteed pod`,
      );
    }
    return { ...instance, limitBytes, usedBefore };
  },

  async arm(context, _target, params, undo) {
    rising.set(context.injectionId, { reached: 0, bytes: 0 });
    await prepareStep(context, params, undo);
  },

  async inject(context) {
    await beginLoads(context);
  },

  /** The next step of a ramp. */
  async adjust(context, _target, params, undo) {
    const rise = rising.get(context.injectionId);
    if (rise === undefined || rise.reached >= 1) return;
    if ((await loadState(context)).givenBack > 0) return;
    if (await prepareStep(context, params, undo)) await beginLoads(context);
  },

  async verify(context, target, { allowOom }, undo) {
    const { limitBytes, usedBefore } = undo;
    const what = `${target.name}/${undo.container}`;
    const { running, givenBack, mostBytes, problem } = await loadState(context);
    if (allowOom && rising.has(context.injectionId) && (await sameContainer(context, undo)) === null) {
      return { present: true, summary: `${what} has ended, under load`, data: { limitBytes, usedBefore, ended: true } };
    }
    const usedBytes = await memoryUsed(context, await cgroupOf(context, undo));
    const asked = rising.get(context.injectionId)?.bytes ?? 0;
    const data = { usedBytes, limitBytes, usedBefore, askedBytes: asked, mostBytes, givenBack, ended: false };
    if (running === 0) {
      const kept = givenBack > 0 ? { gaveBack: `${what} needed the memory` } : {};
      return { present: false, summary: `nothing loads ${what}: ${problem ?? 'not begun'}`, data, ...kept };
    }
    return {
      // Half of it, for the container's own use goes up and down meanwhile.
      present: usedBytes - usedBefore >= asked / 2 || givenBack > 0,
      summary: `${what} uses ${share(usedBytes, limitBytes)} of ${size(limitBytes)}, was ${share(usedBefore, limitBytes)}`,
      data,
    };
  },

  async revert(context, _target, undo) {
    rising.delete(context.injectionId);
    await endLoads(context, undo);
  },

  async verifyReverted(context, target, undo) {
    const left = await loadsOf(context, undo);
    const process = await sameContainer(context, undo);
    const usedBytes = process === null ? null : await memoryUsed(context, await cgroupOf(context, undo));
    const now = usedBytes === null ? 'has ended' : `uses ${share(usedBytes, undo.limitBytes)} of ${size(undo.limitBytes)}`;
    return {
      present: left.length > 0,
      summary: `${target.name}/${undo.container} ${now}; ${left.length} processes of ours are in its cgroup`,
      data: { left: left.length, usedBytes, usedBefore: undo.usedBefore, limitBytes: undo.limitBytes },
    };
  },
};

/** Measured anew for each step: what the container takes meanwhile is part of the share. False: not enough for a process yet. */
async function prepareStep(context: FaultContext, params: Params, undo: Undo): Promise<boolean> {
  const { limitRatio, rampMs, floorRatio, allowOom } = params;
  const { limitBytes, usedBefore } = undo;
  const rise = rising.get(context.injectionId);
  if (rise === undefined) return false;
  const steps = rampMs === null ? 1 : Math.max(1, Math.floor(rampMs / adjustMs));
  const reached = Math.min(1, rise.reached + 1 / steps);
  rise.reached = reached;
  const goal = usedBefore + reached * (limitRatio * limitBytes - usedBefore);
  // What earlier steps have yet to fill is on its way: a slow container would be asked for it twice, and filled beyond the goal.
  const { held, used } = await readFill(context, undo);
  const coming = Math.max(0, rise.bytes - held);
  const missing = Math.floor(goal - used - coming);
  const bytes = rise.bytes === 0 ? Math.max(leastBytes, missing) : missing;
  const least = reached === 1 ? leastBytes : Math.max(leastBytes, (limitRatio * limitBytes - usedBefore) / mostSteps);
  if (rise.bytes > 0 && bytes < least) return false;
  rise.bytes += bytes;
  const workers = allowOom ? workersOnPurpose : 1;
  const hold = ['--vm', String(workers), '--vm-bytes', String(bytes), '--vm-keep', '--vm-hang', '0'];
  const floorBytes = allowOom ? null : Math.floor(floorRatio * limitBytes);
  await prepareLoad(context, undo, hold, { memory: { limitBytes, floorBytes } });
  return true;
}

/** What is filled between the two readings would be counted twice, and be missing in the end: they are of one moment, where one comes. */
async function readFill(context: FaultContext, undo: Undo): Promise<{ readonly held: number; readonly used: number }> {
  const cgroup = await cgroupOf(context, undo);
  for (let reading = 1; ; reading += 1) {
    const held = await heldByLoads(context, undo);
    const used = await memoryUsed(context, cgroup);
    if (reading === mostReadings || (await heldByLoads(context, undo)) === held) return { held, used };
  }
}

function size(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function share(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}

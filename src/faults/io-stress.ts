import { z } from 'zod';
import { AppError, messageOf } from '../domain/errors.ts';
import { bytes } from '../quantities.ts';
import type { Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { floorOf, placeOf, requireDirectory, seenDirectory, type FillPlace } from './shared/fill-place.ts';
import { measureIo, timeWrites } from './shared/io-account.ts';
import type { PodVolume } from './shared/pod-volume.ts';
import { startRefreshing, stopRefreshing } from './shared/refresher.ts';
import { beginLoads, cgroupOf, endLoads, loadsOf, loadState, prepareLoad, requireStress } from './shared/stress-load.ts';

/** Less than that stress-ng does not take. */
const leastPerWorker = 2 ** 20;
/** Others write meanwhile: how often the floor is looked after. */
const floorEveryMs = 100;
const measureMs = 500;

/** Injections whose load was ended to keep the floor. Lost with the agent, as the loads are. */
const floorReached = new Set<string>();

const params = z
  .strictObject({
    workers: z.int().min(1).max(16).default(1).describe('processes that write'),
    bytes: bytes.prefault('64MiB').describe('of the volume, at most, for all of them together'),
  })
  .refine(({ workers, bytes }) => bytes / workers >= leastPerWorker, {
    message: 'must be at least 1MiB for each worker',
    path: ['bytes'],
  });
type Params = z.infer<typeof params>;

type Undo = FillPlace & {
  readonly pod: PodVolume;
  /** Of a small write that is waited for. */
  readonly writeMsBefore: number;
};

export const ioStress: Fault<Params, Undo> = {
  name: 'io-stress',
  summary: "Writes to a volume from within a container's own limits, and waits for the disk each time",
  effect: 'held',
  lifetime: 'process',
  targets: ['volume'],
  agents: ['node'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { bytes }) {
    await requireStress(context);
    const place = await placeOf(context, target, { bytes, allowRootFilesystem: false, allowEviction: false });
    const { pod } = place;
    if (pod === undefined) throw new AppError('internal/bug', `volume ${target.name} is of no pod`);
    const directory = await requireDirectory(context, place);
    const { freeBytes } = await context.host.files.space(directory);
    const floorBytes = floorOf(context, place);
    if (freeBytes - bytes < floorBytes) {
      throw new AppError(
        'policy/denied',
        `volume ${target.name} has ${size(freeBytes)} free and ${size(floorBytes)} are kept: ${size(bytes)} do not fit. Ask for fewer bytes`,
      );
    }
    const writeMsBefore = await timeWrites(context, probeOf(context, directory)).catch((cause: unknown) => {
      const why = `volume ${target.name} cannot be written to by this agent: ${messageOf(cause)}`;
      throw new AppError('policy/denied', `${why}. Choose another that its container writes to`, { cause });
    });
    return { ...place, pod, writeMsBefore };
  },

  async arm(context, _target, { workers, bytes }, undo) {
    context.signal.throwIfAborted();
    const scratch = scratchOf(context, await requireDirectory(context, undo));
    await context.host.files.makeDirectory(scratch);
    const each = String(Math.floor(bytes / workers));
    // Every write is waited for, so that it is the disk that is busy, and not only memory.
    const load = ['--hdd', String(workers), '--hdd-bytes', each, '--hdd-write-size', '64K', '--hdd-opts', 'dsync,wr-rnd'];
    await prepareLoad(context, undo.pod, [...load, '--temp-path', scratch], { scratch });
  },

  async inject(context, _target, _params, undo) {
    await beginLoads(context);
    startRefreshing(context, () => keepFloor(context, undo), floorEveryMs);
  },

  async verify(context, target, _params, undo) {
    const { pod, writeMsBefore } = undo;
    const what = `volume ${target.name}`;
    // Loads end with their container: looked at afterwards, it is the container that is missing then, not only the load.
    const { running, problem } = await loadState(context);
    const cgroup = await cgroupOf(context, pod);
    if (running === 0) {
      const summary = `nothing writes to ${what}: ${problem ?? 'not begun'}`;
      const kept = floorReached.has(context.injectionId) ? { gaveBack: `its floor was reached on ${what}` } : {};
      return { present: false, summary, data: { running, writeMsBefore }, ...kept };
    }
    const { cgroupPerSecond, loadsPerSecond, loadBytes } = await measureIo(
      context,
      cgroup,
      await loadsOf(context, pod),
      measureMs,
    );
    const writeMs = await timeWrites(context, probeOf(context, await requireDirectory(context, undo)));
    const counted = cgroupPerSecond === null ? 'not counted' : `${size(cgroupPerSecond)}/s`;
    return {
      present: loadBytes > 0,
      summary: `${size(loadsPerSecond)}/s are written to ${what}, ${counted} by its cgroup's account; a small write takes ${writeMs.toFixed(1)} ms, took ${writeMsBefore.toFixed(1)}`,
      data: { loadsPerSecond, loadBytes, cgroupPerSecond, writeMs, writeMsBefore },
    };
  },

  async revert(context, _target, undo) {
    floorReached.delete(context.injectionId);
    stopRefreshing(context.injectionId);
    await endLoads(context, undo.pod);
    const directory = await seenDirectory(context, undo);
    if (directory !== null) await context.host.files.removeDirectory(scratchOf(context, directory));
  },

  async verifyReverted(context, target, undo) {
    const { pod, writeMsBefore } = undo;
    const left = await loadsOf(context, pod);
    const directory = await seenDirectory(context, undo);
    const scratch = directory !== null && (await context.host.files.stat(scratchOf(context, directory))) !== null;
    const writeMs = directory === null ? null : await timeWrites(context, probeOf(context, directory)).catch(() => null);
    const now = writeMs === null ? 'was not timed' : `takes ${writeMs.toFixed(1)} ms`;
    return {
      present: left.length > 0 || scratch,
      summary: `${left.length} processes of ours write to volume ${target.name}, our directory is ${scratch ? 'still there' : 'gone'}; a small write ${now}, took ${writeMsBefore.toFixed(1)}`,
      data: { left: left.length, writeMs, writeMsBefore },
    };
  },
};

/** What we write is small and bounded: with less than the floor left, others need the rest, and all of ours goes. */
async function keepFloor(context: FaultContext, undo: Undo): Promise<boolean> {
  const directory = await seenDirectory(context, undo);
  if (directory === null) return false;
  const { freeBytes } = await context.host.files.space(directory);
  if (freeBytes >= floorOf(context, undo)) return true;
  context.log('ended the load to keep the floor', { directory: undo.directory, freeBytes });
  floorReached.add(context.injectionId);
  await endLoads(context, undo.pod);
  return false;
}

/** Named after the injection, so that a revert touches this and nothing else. */
function scratchOf({ injectionId }: FaultContext, directory: string): string {
  if (!/^[\w.-]+$/.test(injectionId)) throw new AppError('record/corrupt', `injection id "${injectionId}" cannot name a file`);
  return `${directory}/.firedrill-${injectionId}`;
}

const probeOf = (context: FaultContext, directory: string): string => `${scratchOf(context, directory)}-probe`;

function size(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { floorOf, placeOf, requireDirectory, seenDirectory, type FillPlace } from './shared/fill-place.ts';
import { bytes, percent } from '../quantities.ts';
import { startRefreshing, stopRefreshing } from './shared/refresher.ts';

/** Others write meanwhile: how often the floor is looked after. */
const floorEveryMs = 100;
/** Filled piece by piece, so that the floor and the signal are obeyed between two of them. */
const pieceBytes = 256 * 2 ** 20;
/** A race with others who write is run again so often. */
const mostStalls = 20;

const params = z
  .strictObject({
    freePercent: percent.exactOptional().describe('fill until only this much is free, such as 15%'),
    bytes: bytes.exactOptional().describe('fill by this much, such as 512MiB'),
    allowRootFilesystem: z.boolean().default(false).describe('needed when the volume is part of the root file system'),
    allowEviction: z.boolean().default(false).describe('of a pod: fill further than where the kubelet begins to evict'),
  })
  .refine((given) => (given.freePercent === undefined) !== (given.bytes === undefined), {
    message: 'give either freePercent or bytes',
  })
  .transform(({ freePercent, bytes, allowRootFilesystem, allowEviction }) => ({
    freeRatio: freePercent ?? null,
    bytes: bytes ?? null,
    allowRootFilesystem,
    allowEviction,
  }));
type Params = z.infer<typeof params>;

type Undo = FillPlace & {
  readonly totalBytes: number;
  readonly freeBefore: number;
  readonly fillBytes: number;
};

export const diskFill: Fault<Params, Undo> = {
  name: 'disk-fill',
  summary: 'Fills a volume with one file, never past a floor',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['volume'],
  agents: ['host', 'node'],
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, params) {
    const place = await placeOf(context, target, params);
    const directory = await requireDirectory(context, place);
    const { totalBytes, freeBytes } = await context.host.files.space(directory);
    const ours = (await ourFile(context, directory))?.allocatedBytes ?? 0;
    const freeBefore = freeBytes + ours;
    const fillBytes = Math.floor(params.bytes ?? freeBefore - (params.freeRatio ?? 0) * totalBytes);
    const floorBytes = floorOf(context, place);
    if (fillBytes <= 0) {
      throw new AppError(
        'target/none',
        `volume ${target.name} has only ${size(freeBefore)} free already: nothing to fill. Ask for less free space`,
      );
    }
    if (freeBefore - fillBytes < floorBytes) {
      throw new AppError(
        'policy/denied',
        `volume ${target.name} would have ${size(freeBefore - fillBytes)} left; ${size(floorBytes)} are kept. Fill less`,
      );
    }
    return { ...place, totalBytes, freeBefore, fillBytes };
  },

  // Where a file system cannot allocate, real blocks are written.
  patienceMs: (operation) => (operation === 'inject' ? 60_000 : 0),

  async inject(context, _target, { freeRatio }, undo) {
    context.signal.throwIfAborted();
    startRefreshing(context, () => keepFloor(context, undo), floorEveryMs);
    for (let stalls = 0; stalls < mostStalls;) {
      const did = await fillNextPiece(context, freeRatio, undo);
      if (did === 'all') return;
      stalls = did === 'more' ? 0 : stalls + 1;
    }
    if (freeRatio === null)
      throw new AppError('fault/inject-failed', `${undo.directory} does not give what it has free. Is there a quota?`);
  },

  async verify(context, _target, _params, undo) {
    const { directory, totalBytes, freeBefore } = undo;
    const seen = await requireDirectory(context, undo);
    const { freeBytes } = await context.host.files.space(seen);
    const filled = (await ourFile(context, seen))?.allocatedBytes ?? 0;
    return {
      // Less than was asked for, too: the floor may have made us give some back.
      present: filled > 0,
      summary: `${directory} has ${shareText(freeBytes, totalBytes)} free (${size(freeBytes)}), was ${shareText(freeBefore, totalBytes)}`,
      data: { freeBytes, totalBytes, freeBefore, filledBytes: filled },
    };
  },

  async revert(context, _target, undo) {
    stopRefreshing(context.injectionId);
    const directory = await seenDirectory(context, undo);
    if (directory === null) return;
    if ((await ourFile(context, directory)) !== null) await context.host.files.remove(pathOf(context, directory));
  },

  async verifyReverted(context, _target, undo) {
    const { directory, totalBytes, freeBefore } = undo;
    const seen = await seenDirectory(context, undo);
    const present = seen !== null && (await ourFile(context, seen)) !== null;
    const freeBytes =
      seen === null
        ? null
        : await context.host.files.space(seen).then(
            (space) => space.freeBytes,
            () => null,
          );
    const now = freeBytes === null ? 'is not there any more' : `has ${shareText(freeBytes, totalBytes)} free`;
    return {
      present,
      summary: `${directory} ${now}, was ${shareText(freeBefore, totalBytes)}; our file is ${present ? 'still there' : 'gone'}`,
      data: { freeBytes, totalBytes, freeBefore },
    };
  },
};

/** Our file gives way so that the floor is kept. It never grows again: what a responder frees stays free. */
async function keepFloor(context: FaultContext, undo: Undo): Promise<boolean> {
  const { files } = context.host;
  const directory = await seenDirectory(context, undo);
  if (directory === null) return false;
  const file = await ourFile(context, directory);
  if (file === null) return true;
  const { freeBytes } = await files.space(directory);
  const missing = floorOf(context, undo) - freeBytes;
  if (missing <= 0) return true;
  context.log('gave space back to keep the floor', { directory, bytes: Math.min(missing, file.sizeBytes) });
  await files.shrink(pathOf(context, directory), Math.max(0, file.sizeBytes - missing));
  return true;
}

/** A share is of what is there now; a size is what was asked for, or an error. */
async function fillNextPiece(context: FaultContext, freeRatio: number | null, undo: Undo): Promise<'all' | 'more' | 'stalled'> {
  const { files } = context.host;
  const { totalBytes, fillBytes } = undo;
  const directory = await requireDirectory(context, undo);
  const filled = (await ourFile(context, directory))?.allocatedBytes ?? 0;
  const { freeBytes } = await files.space(directory);
  const room = filled + freeBytes - Math.max(floorOf(context, undo), (freeRatio ?? 0) * totalBytes);
  const wanted = freeRatio === null ? fillBytes : Math.min(fillBytes, Math.floor(room));
  if (wanted <= filled) return 'all';
  if (room < wanted) {
    throw new AppError(
      'fault/inject-failed',
      `${directory} has lost space since it was planned: ${size(room)} above the floor. Plan again`,
    );
  }
  context.signal.throwIfAborted();
  try {
    await files.allocate(pathOf(context, directory), Math.min(wanted, filled + pieceBytes), context.signal);
  } catch (error) {
    // Others were faster: the next look sees what there is.
    if ((error as { code?: string }).code !== 'ENOSPC') throw error;
    return 'stalled';
  }
  return 'more';
}

/** Named after the injection, so that a revert touches this file and nothing else. */
function pathOf({ injectionId }: FaultContext, directory: string): string {
  if (!/^[\w.-]+$/.test(injectionId)) throw new AppError('record/corrupt', `injection id "${injectionId}" cannot name a file`);
  return `${directory}/.firedrill-${injectionId}`;
}

async function ourFile(context: FaultContext, directory: string) {
  const found = await context.host.files.stat(pathOf(context, directory));
  return found?.isFile === true ? found : null;
}

function size(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function shareText(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}

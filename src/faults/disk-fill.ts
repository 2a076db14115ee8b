import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Fault, FaultContext } from './fault.ts';
import { bytes, percent } from '../quantities.ts';
import { allowedDirectory } from './shared/volume.ts';

const params = z
  .strictObject({
    freePercent: percent.exactOptional().describe('fill until only this much is free, such as 15%'),
    bytes: bytes.exactOptional().describe('fill by this much, such as 512MiB'),
    allowRootFilesystem: z.boolean().default(false).describe('needed when the volume is part of the root file system'),
  })
  .refine((given) => (given.freePercent === undefined) !== (given.bytes === undefined), {
    message: 'give either freePercent or bytes',
  })
  .transform(({ freePercent, bytes, allowRootFilesystem }) => ({
    freeRatio: freePercent ?? null,
    bytes: bytes ?? null,
    allowRootFilesystem,
  }));
type Params = z.infer<typeof params>;

type Undo = {
  readonly directory: string;
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
  platforms: ['host'],
  params,

  claims: (target) => [`volume:${target.uid}`],

  async prepare(context, target, params) {
    const directory = await allowedDirectory(context, target, params.allowRootFilesystem);
    const { totalBytes, freeBytes } = await context.host.files.space(directory);
    const ours = (await ourFile(context, directory))?.allocatedBytes ?? 0;
    const freeBefore = freeBytes + ours;
    const fillBytes = Math.floor(params.bytes ?? freeBefore - (params.freeRatio ?? 0) * totalBytes);
    const { floorBytes } = context.policy.diskFill;
    if (fillBytes <= 0) {
      throw new AppError(
        'target/none',
        `volume ${target.name} has only ${size(freeBefore)} free already: nothing to fill. Ask for less free space`,
      );
    }
    if (freeBefore - fillBytes < floorBytes) {
      throw new AppError(
        'policy/denied',
        `volume ${target.name} would have ${size(freeBefore - fillBytes)} left; the agent's policy keeps ${size(floorBytes)}. Fill less`,
      );
    }
    return { directory, totalBytes, freeBefore, fillBytes };
  },

  async inject(context, _target, _params, { directory, fillBytes }) {
    const { files } = context.host;
    const { freeBytes } = await files.space(directory);
    const room = freeBytes - context.policy.diskFill.floorBytes;
    if (room < fillBytes) {
      throw new AppError(
        'fault/inject-failed',
        `${directory} has lost space since it was planned: ${size(room)} above the floor. Plan again`,
      );
    }
    context.signal.throwIfAborted();
    await files.allocate(pathOf(context, directory), fillBytes, context.signal);
  },

  async verify(context, _target, _params, { directory, totalBytes, freeBefore }) {
    const { freeBytes } = await context.host.files.space(directory);
    const filled = (await ourFile(context, directory))?.allocatedBytes ?? 0;
    return {
      // Less than was asked for, too: the floor may have made us give some back.
      present: filled > 0,
      summary: `${directory} has ${shareText(freeBytes, totalBytes)} free (${size(freeBytes)}), was ${shareText(freeBefore, totalBytes)}`,
      data: { freeBytes, totalBytes, freeBefore, filledBytes: filled },
    };
  },

  async revert(context, _target, { directory }) {
    if ((await ourFile(context, directory)) !== null) await context.host.files.remove(pathOf(context, directory));
  },

  async verifyReverted(context, _target, { directory, totalBytes, freeBefore }) {
    const present = (await ourFile(context, directory)) !== null;
    const freeBytes = await context.host.files.space(directory).then(
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

  /** Others may write meanwhile: our file gives way so that the floor is kept. */
  async hold(context, _target, _params, { directory }) {
    const { files } = context.host;
    const file = await ourFile(context, directory);
    if (file === null) return;
    const { freeBytes } = await files.space(directory);
    const missing = context.policy.diskFill.floorBytes - freeBytes;
    if (missing <= 0) return;
    context.log('gave space back to keep the floor', { directory, bytes: Math.min(missing, file.sizeBytes) });
    await files.shrink(pathOf(context, directory), Math.max(0, file.sizeBytes - missing));
  },
};

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

import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import { parseBytes } from '../../domain/units.ts';
import type { FaultContext } from '../fault.ts';
import { directoryNow, podVolume, type PodVolume } from './pod-volume.ts';
import { allowedDirectory } from './volume.ts';

/** The share of a node's file system below which a kubelet begins to evict, by its own defaults: 10% free, 15% for images. */
const evictionShare = 0.15;

/** What is filled, as undo keeps it. */
export type FillPlace = {
  /** As people know it: of a pod, in its container. */
  readonly directory: string;
  /** Absent on a host. */
  readonly pod?: PodVolume;
  /** Always left free. Absent: what the agent's policy says. */
  readonly floorBytes?: number;
};

interface Wanted {
  readonly bytes: number | null;
  readonly allowRootFilesystem: boolean;
  readonly allowEviction: boolean;
}

/** A directory of this machine that the policy allows, or of a pod's volume. Errors: `policy/denied`, `target/none`. */
export async function placeOf(context: FaultContext, target: TargetRef, wanted: Wanted): Promise<FillPlace> {
  if (context.node === null) return { directory: await allowedDirectory(context, target, wanted.allowRootFilesystem) };
  const { volume, directory, sizeLimit } = await podVolume(context, target);
  const fits = sizeLimit === null || (wanted.bytes !== null && wanted.bytes < parseBytes(`${sizeLimit}B`));
  if (!fits && !wanted.allowEviction) {
    throw new AppError(
      'policy/denied',
      `volume ${target.name} has a limit of ${sizeLimit}, above which the kubelet evicts its pod. Give bytes that are less, or allowEviction: true`,
    );
  }
  const ofNode = volume.kind !== 'pvc' && !wanted.allowEviction;
  const { totalBytes } = await context.host.files.space(directory);
  const floorBytes = Math.max(context.policy.diskFill.floorBytes, ofNode ? Math.ceil(evictionShare * totalBytes) : 0);
  return { directory: volume.path, pod: volume, floorBytes };
}

/** As this agent sees it now. null: gone, with all that was in it. */
export async function seenDirectory(context: FaultContext, { directory, pod }: FillPlace): Promise<string | null> {
  return pod === undefined ? stillItself(context, directory) : directoryNow(context, pod);
}

/** It was resolved when it was planned: where it leads elsewhere now, nothing is written or removed. What is gone is gone. */
async function stillItself({ host, injectionId }: FaultContext, directory: string): Promise<string> {
  const real = await host.files.realPath(directory).catch(() => directory);
  if (real === directory) return directory;
  throw new AppError(
    'policy/denied',
    `${directory} leads to ${real} since it was planned. Put it back, or remove .firedrill-${injectionId} from where it was by hand`,
  );
}

/** Errors: `target/none`. */
export async function requireDirectory(context: FaultContext, place: FillPlace): Promise<string> {
  const directory = await seenDirectory(context, place);
  if (directory !== null) return directory;
  throw new AppError('target/none', `${place.directory} is gone with its container. Plan again to find what runs now`);
}

export function floorOf({ policy }: FaultContext, { floorBytes }: FillPlace): number {
  return floorBytes ?? policy.diskFill.floorBytes;
}

import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { nodeOf } from '../node-tools.ts';
import { plannedContainer, sameContainer, type ContainerInstance } from './container.ts';
import { locate } from './locator.ts';

const locator = z.object({
  path: z.string().startsWith('/', 'must be an absolute path'),
  volume: z.string(),
  readOnly: z.boolean().default(false),
  medium: z.string().nullish(),
  sizeLimit: z.string().nullish(),
});

/** Where in a pod a volume is, as undo keeps it. */
export type PodVolume = ContainerInstance & {
  readonly path: string;
  /** `ephemeral` is the container's own layer, which ends with it; an `emptyDir` ends with its pod; a `pvc` outlives both. */
  readonly kind: 'ephemeral' | 'emptyDir' | 'pvc';
  /** Of its file system: another container's directory of that name is another one. */
  readonly device: number;
};

/** A volume that may be written to, and its directory as this agent sees it. Errors: `policy/denied`, `target/none`. */
export async function podVolume(
  context: FaultContext,
  target: TargetRef,
): Promise<{ readonly volume: PodVolume; readonly directory: string; readonly sizeLimit: string | null }> {
  const { path, volume: kind, readOnly, medium, sizeLimit } = locate(locator, target);
  const refuse = (why: string): AppError => new AppError('policy/denied', `volume ${target.name} ${why}`);
  if (readOnly) throw refuse('is mounted to be read only. Choose one that its container writes to');
  if (medium === 'Memory') throw refuse("is memory, and what we wrote would be this agent's. Use memory-stress");
  if (kind !== 'ephemeral' && kind !== 'emptyDir' && kind !== 'pvc') {
    throw refuse(`is a ${kind}, which is not the pod's own. Choose an emptyDir, a claim or the container's own files`);
  }
  const instance = await plannedContainer(context, target, null);
  const process = await sameContainer(context, instance);
  if (process === null) throw new AppError('target/none', `container ${instance.container} has ended. Plan again`);
  const directory = nodeOf(context).pathIn(process, path);
  await requirePlainPath(context, directory, path);
  const { device } = await context.host.files.space(directory);
  return { volume: { ...instance, path, kind, device }, directory, sizeLimit: sizeLimit ?? null };
}

/**
 * The volume's directory as this agent sees it now; null when the volume is gone, with all that was in it. A container that was
 * started again, or another one that mounts it there, shows it too. Errors: `fault/revert-failed` where it is there, but nobody shows it.
 */
export async function directoryNow(context: FaultContext, volume: PodVolume): Promise<string | null> {
  const node = nodeOf(context);
  const { path, kind, device, podUid } = volume;
  if (kind === 'ephemeral') {
    const process = await sameContainer(context, volume);
    return process === null ? null : stillPlain(context, node.pathIn(process, path), path);
  }
  const processes = await node.processesOf(podUid);
  for (const process of processes) {
    const directory = node.pathIn(process, path);
    const space = await context.host.files.space(directory).catch(() => null);
    if (space?.device === device) return stillPlain(context, directory, path);
  }
  if (processes.length === 0 && kind === 'emptyDir') return null;
  throw new AppError(
    'fault/revert-failed',
    `no container of pod ${podUid} shows ${path} now${processes.length === 0 ? ', for the pod has left this node' : ''}. Start it again, or remove .firedrill-${context.injectionId} from its volume by hand`,
  );
}

/** What was a directory may be a link by now: nothing is written, or removed, through one. What is gone is gone. */
async function stillPlain(context: FaultContext, directory: string, path: string): Promise<string> {
  await requirePlainPath(context, directory, path).catch((error: unknown) => {
    if (!isAppError(error) || error.code !== 'target/none') throw error;
  });
  return directory;
}

/** A link would be followed in this agent's own files, not in the container's. Errors: `target/none`, `policy/denied`. */
async function requirePlainPath({ host }: FaultContext, directory: string, path: string): Promise<void> {
  const root = directory.slice(0, directory.length - path.length);
  let walked = root;
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (part === '..') throw new AppError('spec/invalid', `${path} leads upwards. Write it without ..`);
    walked += `/${part}`;
    const found = await host.files.stat(walked);
    if (found === null)
      throw new AppError('target/none', `${path} is not there in the container. Correct it in the environment file`);
    if (!found.isDirectory) {
      throw new AppError(
        'policy/denied',
        `${walked.slice(root.length)} is a link or a file, not a directory. Write the path without links`,
      );
    }
  }
}

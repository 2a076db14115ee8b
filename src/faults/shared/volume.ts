import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { locate } from './locator.ts';

const locator = z.object({ path: z.string().startsWith('/', 'must be an absolute path') });

/**
 * The directory to fill, with every link resolved, when the policy allows it.
 * Errors: `target/none`, `policy/denied` (outside the allowed paths, or on the root file system without being told so).
 */
export async function allowedDirectory(context: FaultContext, target: TargetRef, allowRootFilesystem: boolean): Promise<string> {
  const { path } = locate(locator, target);
  const { files } = context.host;
  const directory = await files.realPath(path).catch((error: unknown) => {
    throw new AppError('target/none', `volume ${target.name}: ${path} is not there. Correct its path in the environment file`, {
      cause: error,
    });
  });
  const allowed = await Promise.all(context.policy.diskFill.allowPaths.map((one) => files.realPath(one).catch(() => null)));
  if (!allowed.some((one) => one !== null && (directory === one || directory.startsWith(one.endsWith('/') ? one : `${one}/`)))) {
    throw new AppError(
      'policy/denied',
      `volume ${target.name}: ${directory} is not in diskFill.allowPaths of the agent's policy. Add it there`,
    );
  }
  const [here, root] = await Promise.all([files.space(directory), files.space('/')]);
  if (here.device === root.device && !allowRootFilesystem) {
    throw new AppError(
      'policy/denied',
      `volume ${target.name}: ${directory} is on the root file system, which everything on this machine needs. Use a volume of its own, or set allowRootFilesystem: true`,
    );
  }
  return directory;
}

import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import { cgroupMatch } from './redirect-rules.ts';
import type { CallerMatch } from './redirect-rules.ts';

/** Whose connections are redirected. */
export const caller = z.union([
  z.literal('anyone'),
  z.strictObject({ user: z.string().regex(/^[\w.-]+$/, 'must be a user name') }),
  // It becomes a word of a rule: nothing that could end the word.
  z.strictObject({ cgroup: z.string().regex(/^[\w.@:/-]+$/, 'must be a cgroup path') }),
]);
export type Caller = z.infer<typeof caller>;

/** By what the kernel knows the caller of `link`. Errors: `target/none` when there is no such cgroup. */
export async function callerMatch({ host }: FaultContext, of: Caller, link: string): Promise<CallerMatch> {
  if (of === 'anyone') return { by: 'anyone' };
  if ('user' in of) return { by: 'user', user: of.user };
  const match = cgroupMatch(await host.files.readText('/proc/mounts'), of.cgroup);
  const there = match?.by === 'cgroup' && (await host.files.stat(`/sys/fs/cgroup/${match.path}`)) !== null;
  if (match !== null && there) return match;
  throw new AppError('target/none', `${link}: there is no cgroup "${of.cgroup}" of the unified hierarchy here. Correct caller`);
}

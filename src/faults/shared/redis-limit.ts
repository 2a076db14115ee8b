import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { connectionOf } from './database.ts';
import { withHelper } from './database-helper.ts';

const settingName = z.enum(['maxmemory', 'maxmemory-policy']);
export type SettingName = z.infer<typeof settingName>;

const figures = z.object({
  primary: z.boolean(),
  usedBytes: z.number(),
  startupBytes: z.number(),
  keys: z.number(),
  expiringKeys: z.number(),
  evictedKeys: z.number(),
  countsRefusals: z.boolean(),
  refusedWrites: z.number(),
});
export type RedisFigures = z.infer<typeof figures>;
const look = z.object({ settings: z.record(settingName, z.string()), figures });
export type RedisLook = z.infer<typeof look>;

/** A setting that is changed for a while, as the server writes it. */
export type HeldSetting = { readonly name: SettingName; readonly before: string; readonly after: string };

/** A helper with the target's connection. It ends with this agent. Errors: `part/missing` when nobody listens. */
export async function startLimiter(context: FaultContext, target: TargetRef): Promise<HelperProcess> {
  const connection = await connectionOf(context, target);
  return context.host.startHelper('redis-limiter', { connection });
}

/** Where nobody answers it may be limited still: errors `upstream/unreachable`. */
export async function usingLimiter<T>(
  context: FaultContext,
  target: TargetRef,
  use: (limiter: HelperProcess) => Promise<T>,
): Promise<T> {
  const done = await withHelper(() => startLimiter(context, target), use);
  if (done !== null) return done;
  throw new AppError(
    'upstream/unreachable',
    `no Redis listens for ${target.service}/${target.name}, and what its limit is, is unknown. Start it, then run again`,
  );
}

export async function lookAtRedis(limiter: HelperProcess): Promise<RedisLook> {
  return look.parse(await limiter.ask({ op: 'look' }));
}

/** What the server said just before it. */
export async function writeSettings(
  limiter: HelperProcess,
  settings: readonly (readonly [SettingName, string])[],
): Promise<RedisFigures> {
  const answer = await limiter.ask({ op: 'write', settings: settings.map(([name, value]) => [name, value]) });
  return figures.parse(answer['before']);
}

/** Last changed, first restored. What somebody else changed since stays. */
export async function restoreSettings(limiter: HelperProcess, settings: readonly HeldSetting[]): Promise<void> {
  const { settings: now } = await lookAtRedis(limiter);
  const ours = settings.toReversed().filter(({ name, after }) => now[name] === after);
  if (ours.length > 0)
    await writeSettings(
      limiter,
      ours.map(({ name, before }) => [name, before]),
    );
}

/** A counter's rise; one that was reset meanwhile counts from there. */
export function risen(now: number, before: number): number {
  return now >= before ? now - before : now;
}

import { AppError, isAppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { connectionOf } from './database.ts';

/** All sessions of one injection have this name. PostgreSQL cuts names at 63 bytes; the tail of an id is what differs. */
export function applicationNameOf(injectionId: string): string {
  return `firedrill-${injectionId.slice(-53)}`;
}

/** A helper with the target's connection. It ends with this agent. Errors: `part/missing` when nobody listens. */
export async function startDatabaseHelper(
  context: FaultContext,
  target: TargetRef,
  name: string,
  config: JsonObject,
): Promise<HelperProcess> {
  const connection = await connectionOf(context, target);
  return context.host.startHelper(name, { ...config, connection });
}

/** Uses a helper for one purpose and stops it. null when nobody listens: then nothing is held there either. */
export async function withHelper<T>(
  start: () => Promise<HelperProcess>,
  use: (helper: HelperProcess) => Promise<T>,
): Promise<T | null> {
  let helper: HelperProcess;
  try {
    helper = await start();
  } catch (error) {
    if (isAppError(error) && error.code === 'part/missing') return null;
    throw error;
  }
  try {
    return await use(helper);
  } finally {
    await helper.stop();
  }
}

/**
 * As `withHelper`, of sessions of ours that may be left. In a cluster a refused connection says nothing of them: a Service refuses
 * for a server that is only not ready, which a lock or a full pool makes of it. Errors: `upstream/unreachable`.
 */
export async function withWhatIsLeft<T>(
  context: FaultContext,
  target: TargetRef,
  start: (context: FaultContext, target: TargetRef) => Promise<HelperProcess>,
  use: (helper: HelperProcess) => Promise<T>,
): Promise<T | null> {
  const done = await withHelper(() => start(context, target), use);
  if (done !== null || context.cluster === null) return done;
  throw new AppError(
    'upstream/unreachable',
    `no PostgreSQL listens for ${target.service}/${target.name}, and whether sessions of ours are left is unknown: its Service refuses also while it is not ready. Make it ready; it is asked again until then`,
  );
}

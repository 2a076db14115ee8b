import { z } from 'zod';
import { isAppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { locate } from './locator.ts';

const locator = z.object({ connection: z.string().regex(/^(file|env):/, 'must be file:PATH or env:NAME') });

/** All sessions of one injection have this name. PostgreSQL cuts names at 63 bytes; the tail of an id is what differs. */
export function applicationNameOf(injectionId: string): string {
  return `firedrill-${injectionId.slice(-53)}`;
}

/** A helper beside the database. It ends with this agent, and its sessions with it. Errors: `part/missing` when no server listens. */
export async function startPoolHelper(context: FaultContext, target: TargetRef): Promise<HelperProcess> {
  const connection = await context.secret(locate(locator, target).connection);
  return context.host.startHelper('pool-holder', [], {
    connection,
    applicationName: applicationNameOf(context.injectionId),
    reserve: context.policy.pool.reserveConnections,
  });
}

/** Uses a helper for one purpose and stops it. null when no server listens: then no session is left either. */
export async function withPoolHelper<T>(
  context: FaultContext,
  target: TargetRef,
  use: (helper: HelperProcess) => Promise<T>,
): Promise<T | null> {
  let helper: HelperProcess;
  try {
    helper = await startPoolHelper(context, target);
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

const holding = z.object({ aim: z.number(), held: z.number(), lost: z.number() });
/** `held`: by this helper. `lost`: of those it held, ended by somebody else. */
export type Holding = z.infer<typeof holding>;

export async function holdSessions(helper: HelperProcess, sessions: number, mode: string): Promise<Holding> {
  return holding.parse(await helper.ask({ op: 'hold', sessions, mode }, 30_000));
}

/** `sessions`: under our name, as the server sees them, whoever holds them. */
export async function countSessions(helper: HelperProcess): Promise<Holding & { readonly sessions: number }> {
  return holding.extend({ sessions: z.number() }).parse(await helper.ask({ op: 'count' }));
}

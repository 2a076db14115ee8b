import { z } from 'zod';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { applicationNameOf, startDatabaseHelper } from './database-helper.ts';

/** Beside the database. It ends with this agent, and its sessions with it. Errors: as `startDatabaseHelper`. */
export function startPoolHelper(context: FaultContext, target: TargetRef): Promise<HelperProcess> {
  return startDatabaseHelper(context, target, 'pool-holder', {
    applicationName: applicationNameOf(context.injectionId),
    reserve: context.policy.pool.reserveConnections,
  });
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

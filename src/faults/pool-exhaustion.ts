import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { Fault, FaultContext, HelperProcess } from './fault.ts';
import { applicationNameOf, countSessions, startPoolHelper, withPoolHelper } from './shared/pool-helper.ts';
import { ratio } from './shared/quantities.ts';

const wanted = z.union([
  z
    .int()
    .positive()
    .transform((sessions) => ({ sessions, share: null })),
  ratio.refine((share) => share > 0, { message: 'must be more than 0%' }).transform((share) => ({ sessions: null, share })),
]);

const params = z
  .strictObject({
    connections: wanted.describe('how many sessions to hold, such as 40, or a share of those still available, such as 80%'),
    mode: z.enum(['idle', 'idle-in-transaction', 'sleeping']).default('idle').describe('what each held session does'),
  })
  .transform(({ connections, mode }) => ({ ...connections, mode }));
type Params = z.infer<typeof params>;

type Undo = {
  /** How many sessions inject opens. */
  readonly sessions: number;
  readonly applicationName: string;
  readonly maxConnections: number;
  readonly availableBefore: number;
};

const limits = z.object({ maxConnections: z.number(), available: z.number() });

/** One per injection, for as long as it holds its sessions. */
const holders = new Map<string, HelperProcess>();

export const poolExhaustion: Fault<Params, Undo> = {
  name: 'pool-exhaustion',
  summary: 'Holds sessions of a PostgreSQL server so that few or none are left for others',
  effect: 'held',
  lifetime: 'process',
  targets: ['postgres'],
  platforms: ['host'],
  params,

  claims: (target) => [`pool:${target.uid}`],

  async prepare(context, target, { sessions, share }) {
    const found = await withPoolHelper(context, target, async (helper) => limits.parse(await helper.ask({ op: 'limits' })));
    if (found === null) {
      throw new AppError(
        'upstream/unreachable',
        `no PostgreSQL listens for ${target.service}/${target.name}. Start it, then run again`,
      );
    }
    const count = sessions ?? Math.floor((share ?? 0) * found.available);
    const left = found.available - count;
    const { reserveConnections } = context.policy.pool;
    if (count === 0 || left < reserveConnections) {
      throw new AppError(
        'policy/denied',
        `${count} sessions on ${target.name} would leave ${left} of ${found.available} available; the agent's policy keeps ${reserveConnections}. Ask for from 1 to ${found.available - reserveConnections}`,
      );
    }
    return {
      sessions: count,
      applicationName: applicationNameOf(context.injectionId),
      maxConnections: found.maxConnections,
      availableBefore: found.available,
    };
  },

  async arm(context, target) {
    await holderOf(context, target);
  },

  async inject(context, target, { mode }, { sessions }) {
    const holder = await holderOf(context, target);
    context.signal.throwIfAborted();
    const { opened } = z.object({ opened: z.number() }).parse(await holder.ask({ op: 'hold', sessions, mode }, 30_000));
    if (opened < sessions) {
      throw new AppError(
        'fault/inject-failed',
        `${target.name} gave ${opened} of ${sessions} sessions. Others took the rest: plan again`,
      );
    }
  },

  async verify(context, _target, _params, { sessions, applicationName, maxConnections, availableBefore }) {
    const holder = holders.get(context.injectionId);
    const held = holder === undefined ? 0 : await countSessions(holder);
    return {
      present: held >= sessions,
      summary: `${held} of ${maxConnections} connections are held as ${applicationName}; ${availableBefore} were available`,
      data: { held, wanted: sessions, maxConnections, availableBefore, applicationName },
    };
  },

  async revert(context, target) {
    const holder = holders.get(context.injectionId);
    holders.delete(context.injectionId);
    await holder?.stop();
    // The server may take a moment to notice, and an agent before us may have left some.
    await withPoolHelper(context, target, (helper) => helper.ask({ op: 'terminate' }));
  },

  async verifyReverted(context, target, { applicationName }) {
    const held = await withPoolHelper(context, target, countSessions);
    return {
      present: (held ?? 0) > 0,
      summary: held === null ? `no PostgreSQL listens: its sessions are gone` : `${held} sessions are held as ${applicationName}`,
      data: { held },
    };
  },
};

async function holderOf(context: FaultContext, target: TargetRef): Promise<HelperProcess> {
  const running = holders.get(context.injectionId);
  if (running !== undefined) return running;
  const holder = await startPoolHelper(context, target);
  holders.set(context.injectionId, holder);
  return holder;
}

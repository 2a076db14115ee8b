import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { Fault, FaultContext, HelperProcess } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { databaseNeeds } from './shared/database.ts';
import { applicationNameOf, withHelper, withWhatIsLeft } from './shared/database-helper.ts';
import { answerOf, endedWith } from './shared/helper-answer.ts';
import { countSessions, holdSessions, startPoolHelper } from './shared/pool-helper.ts';
import { milliseconds, percent } from '../quantities.ts';

const wanted = z.union([
  z
    .int()
    .positive()
    .transform((sessions) => ({ sessions, share: null })),
  percent.refine((share) => share > 0, { message: 'must be more than 0%' }).transform((share) => ({ sessions: null, share })),
]);

const params = z
  .strictObject({
    connections: wanted.describe('how many sessions to hold, such as 40, or a share of those still available, such as 80%'),
    mode: z.enum(['idle', 'idle-in-transaction', 'sleeping']).default('idle').describe('what each held session does'),
    ramp: milliseconds(1000, 600_000)
      .nullable()
      .default(null)
      .describe('take them evenly within this time, such as 30s; default all at once'),
  })
  .transform(({ connections, mode, ramp }) => ({ ...connections, mode, rampMs: ramp }));
type Params = z.infer<typeof params>;

type Undo = {
  /** How many sessions are held in the end. */
  readonly sessions: number;
  readonly applicationName: string;
  /** What they fill. */
  readonly layer: keyof typeof layers;
  readonly maxConnections: number;
  readonly availableBefore: number;
};

/** What gets full, in the words of people. */
const layers = {
  server: 'connections of PostgreSQL',
  'pooler-clients': 'clients of PgBouncer',
  'pooler-pool': "connections of PgBouncer's pool",
} as const;

const limits = z.object({
  layer: z.enum(['server', 'pooler-clients', 'pooler-pool']),
  maxConnections: z.number(),
  available: z.number(),
  reserve: z.number(),
});

/** One per injection, for as long as it holds its sessions. */
const holders = new Map<string, HelperProcess>();

/** The agent takes a step of a ramp so often; a frozen run takes none and goes on where it was. */
const stepMs = 1000;

/** How many sessions each step takes. */
const stepOf = (sessions: number, rampMs: number | null): number =>
  rampMs === null ? sessions : Math.ceil(sessions / Math.max(1, Math.floor(rampMs / stepMs)));

export const poolExhaustion: Fault<Params, Undo> = {
  name: 'pool-exhaustion',
  summary: 'Holds sessions of a PostgreSQL server, or of the PgBouncer before it, so that few or none are left for others',
  effect: 'held',
  lifetime: 'process',
  targets: ['postgres'],
  agents: ['host', 'cluster'],
  needs: databaseNeeds,
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { sessions, share, mode }) {
    const found = await withHelper(
      () => startPoolHelper(context, target),
      async (helper) => limits.parse(await helper.ask({ op: 'limits', mode })),
    );
    if (found === null) {
      throw new AppError(
        'upstream/unreachable',
        `no PostgreSQL listens for ${target.service}/${target.name}. Start it, then run again`,
      );
    }
    const count = sessions ?? Math.floor((share ?? 0) * found.available);
    const left = found.available - count;
    if (count === 0 || left < found.reserve) {
      throw new AppError(
        'policy/denied',
        `${count} sessions on ${target.name} would leave ${left} of ${found.available} ${layers[found.layer]} available; the agent's policy keeps ${found.reserve}. Ask for from 1 to ${found.available - found.reserve}`,
      );
    }
    return {
      sessions: count,
      applicationName: applicationNameOf(context.injectionId),
      layer: found.layer,
      maxConnections: found.maxConnections,
      availableBefore: found.available,
    };
  },

  async arm(context, target) {
    await holderOf(context, target);
  },

  // Thousands of sessions take their time.
  patienceMs: (operation) => (operation === 'inject' ? 30_000 : 0),

  async inject(context, target, { mode, rampMs }, { sessions }) {
    const holder = await holderOf(context, target);
    context.signal.throwIfAborted();
    const first = stepOf(sessions, rampMs);
    const { held } = await holdSessions(holder, first, mode);
    if (held < first) {
      throw new AppError(
        'fault/inject-failed',
        `${target.name} gave ${held} of ${first} sessions. Others took the rest: plan again`,
      );
    }
  },

  /** The next step of a ramp. */
  async adjust(context, _target, { mode, rampMs }, { sessions }) {
    const holder = holders.get(context.injectionId);
    if (holder === undefined || rampMs === null) return;
    const { aim } = await countSessions(holder);
    if (aim >= sessions || context.signal.aborted) return;
    await holdSessions(holder, Math.min(sessions, aim + stepOf(sessions, rampMs)), mode);
  },

  async verify(context, _target, _params, { sessions: planned, applicationName, layer, maxConnections, availableBefore }) {
    const answer = await answerOf(holders.get(context.injectionId), countSessions);
    if ('died' in answer) return endedWith(answer);
    const { sessions, aim, held, lost } = answer.said;
    const givenBack = aim - lost - held;
    return {
      // Fewer than planned while a ramp rises, and when some were given back to keep the reserve; but none that others ended.
      present: sessions > 0 && sessions >= held && lost === 0,
      summary: `${sessions} of ${maxConnections} ${layers[layer]} are held as ${applicationName}, ${planned} in the end; ${availableBefore} were available`,
      data: {
        held: sessions,
        wanted: planned,
        aim,
        givenBack,
        lost,
        layer,
        maxConnections,
        availableBefore,
        applicationName,
      },
      ...(held === 0 && lost === 0 && givenBack > 0 ? { gaveBack: `others needed all ${layers[layer]} but the reserve` } : {}),
    };
  },

  async revert(context, target) {
    const holder = holders.get(context.injectionId);
    holders.delete(context.injectionId);
    const ended = await holder?.ask({ op: 'terminate' }).catch(() => null);
    await holder?.stop();
    // An agent before us may have left some, and a holder that does not answer too.
    if (ended === undefined || ended === null)
      await withWhatIsLeft(context, target, startPoolHelper, (helper) => helper.ask({ op: 'terminate' }));
  },

  async verifyReverted(context, target, { applicationName }) {
    const held = (await withWhatIsLeft(context, target, startPoolHelper, countSessions))?.sessions ?? null;
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

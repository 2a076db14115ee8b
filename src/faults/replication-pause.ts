import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { bytes } from '../quantities.ts';
import type { Fault, FaultContext, HelperProcess } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { databaseNeeds } from './shared/database.ts';
import { applicationNameOf, startDatabaseHelper, withHelper } from './shared/database-helper.ts';

const params = z
  .strictObject({
    maxLag: bytes
      .refine((size) => size > 0, { message: 'must be more than 0' })
      .prefault('256MiB')
      .describe('of log that waits on the replica: with more it is resumed, for the log fills its disk'),
  })
  .transform(({ maxLag }) => ({ maxLagBytes: maxLag }));
type Params = z.infer<typeof params>;

type Undo = { readonly lagBytesBefore: number };

const look = z.object({
  replica: z.boolean(),
  state: z.enum(['not paused', 'pause requested', 'paused']),
  mayPause: z.boolean(),
  role: z.string(),
  lagBytes: z.number(),
  lagSeconds: z.number().nullable(),
});
type Look = z.infer<typeof look>;

/** Of a replica that others write to, so much is on its way at any time. */
const ordinaryLagBytes = 2 ** 20;

/** Asked each second while the pause lasts, and so kept; the pause itself is the server's. */
const pausers = new Map<string, HelperProcess>();

export const replicationPause: Fault<Params, Undo> = {
  name: 'replication-pause',
  summary: 'Pauses the replay on a PostgreSQL replica, so that it falls behind its primary',
  effect: 'held',
  lifetime: 'persistent',
  targets: ['postgres'],
  agents: ['host', 'cluster'],
  needs: databaseNeeds,
  params,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { maxLagBytes }) {
    const { replica, state, mayPause, role, lagBytes } = await lookAt(context, target);
    const where = `${target.service}/${target.name}`;
    if (!replica) throw new AppError('target/none', `${where} is no replica. Name a connection to one in the environment file`);
    if (!mayPause) {
      throw new AppError(
        'policy/denied',
        `role ${role} may not pause ${where}. On the primary, grant it execute on pg_wal_replay_pause() and pg_wal_replay_resume()`,
      );
    }
    if (state !== 'not paused') {
      throw new AppError('policy/denied', `${where} is paused already, by somebody else. Ask who did, then run again`);
    }
    if (lagBytes >= maxLagBytes) {
      throw new AppError(
        'policy/denied',
        `${where} is ${lagBytes} bytes behind already, and ${maxLagBytes} are the most. Let it catch up`,
      );
    }
    return { lagBytesBefore: lagBytes };
  },

  async arm(context, target) {
    if (!pausers.has(context.injectionId)) pausers.set(context.injectionId, await startPauser(context, target));
  },

  async inject(context, _target) {
    context.signal.throwIfAborted();
    const pauser = pausers.get(context.injectionId);
    if (pauser === undefined) throw new AppError('fault/inject-failed', 'the pause was never prepared. Run again');
    await pauser.ask({ op: 'pause' });
  },

  async verify(context, target, { maxLagBytes }, { lagBytesBefore }) {
    const { state, lagBytes, lagSeconds } = await lookAt(context, target);
    return {
      present: state === 'paused',
      summary: `${target.name} is ${state}; ${behind({ lagBytes, lagSeconds })}, at most ${maxLagBytes}`,
      data: { state, lagBytes, lagSeconds, lagBytesBefore, maxLagBytes },
    };
  },

  /** Never paused again: with more log the replica's disk gets full. */
  async hold(context, target, { maxLagBytes }) {
    const pauser = pausers.get(context.injectionId);
    if (pauser === undefined) return undefined;
    const { lagBytes } = look.parse(await pauser.ask({ op: 'look' }));
    if (lagBytes <= maxLagBytes) return undefined;
    context.log('resumed the replica, whose log is as long as it may be', { replica: target.name, lagBytes, maxLagBytes });
    await pauser.ask({ op: 'resume' });
    return `${lagBytes} bytes of log waited, and maxLag is ${maxLagBytes}`;
  },

  async revert(context, target) {
    const pauser = pausers.get(context.injectionId);
    pausers.delete(context.injectionId);
    const resumed = await pauser?.ask({ op: 'resume' }).catch(() => null);
    await pauser?.stop();
    if (resumed === undefined || resumed === null) await using(context, target, (own) => own.ask({ op: 'resume' }));
  },

  async verifyReverted(context, target, { lagBytesBefore }) {
    const { state, lagBytes, lagSeconds } = await lookAt(context, target);
    const caughtUp = lagBytes <= Math.max(lagBytesBefore, ordinaryLagBytes);
    return {
      present: state !== 'not paused' || !caughtUp,
      summary: `${target.name} is ${state}; ${behind({ lagBytes, lagSeconds })}, was ${lagBytesBefore}`,
      data: { state, lagBytes, lagSeconds, lagBytesBefore },
    };
  },
};

function behind({ lagBytes, lagSeconds }: Pick<Look, 'lagBytes' | 'lagSeconds'>): string {
  const age = lagSeconds === null ? '' : `, its last transaction is ${lagSeconds.toFixed(1)} s old`;
  return `${lagBytes} bytes of log wait${age}`;
}

function startPauser(context: FaultContext, target: TargetRef): Promise<HelperProcess> {
  return startDatabaseHelper(context, target, 'replica-pauser', { applicationName: applicationNameOf(context.injectionId) });
}

async function lookAt(context: FaultContext, target: TargetRef): Promise<Look> {
  return look.parse(await using(context, target, (pauser) => pauser.ask({ op: 'look' })));
}

/** Where nobody answers it may be paused still: errors `upstream/unreachable`. */
async function using<T>(context: FaultContext, target: TargetRef, use: (pauser: HelperProcess) => Promise<T>): Promise<T> {
  const done = await withHelper(() => startPauser(context, target), use);
  if (done !== null) return done;
  throw new AppError(
    'upstream/unreachable',
    `no PostgreSQL listens for ${target.service}/${target.name}, and whether it is paused is unknown. Start it, then run again`,
  );
}

import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { serveHelper } from '../helper-loop.ts';
import { openServerSession } from '../postgres/session.ts';
import { lookAtReplica } from './look.ts';

const config = z.strictObject({ connection: z.string(), applicationName: z.string().max(63) });

const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('look') }),
  z.strictObject({ op: z.literal('pause') }),
  z.strictObject({ op: z.literal('resume') }),
]);

/** Pauses what a replica replays. The pause is the server's, and outlives this process: whoever asked for it ends it. */
serveHelper(async (given) => {
  const { connection, applicationName } = config.parse(given);
  const session = await openServerSession(connection, applicationName);
  return async (asked) => {
    const { op } = message.parse(asked);
    if (op === 'look') return lookAtReplica(session);
    try {
      // One that was promoted replays no more: there is nothing to resume.
      if (op === 'resume') await session.query('select pg_wal_replay_resume() where pg_is_in_recovery()');
      else await session.query('select pg_wal_replay_pause()');
      return {};
    } catch (cause) {
      throw new AppError('upstream/refused', `the replica would not ${op}: ${(cause as Error).message}. Look at its log`, {
        cause,
      });
    }
  };
});

import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { endSessions, openServerSession } from '../postgres/session.ts';
import { holdTransaction } from './held-transaction.ts';
import { lockModes, lookAtTable, lookAtTransaction } from './look.ts';

const config = z.strictObject({ connection: z.string(), applicationName: z.string().max(63) });
const table = z.strictObject({ schema: z.string(), name: z.string() });

const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('table'), table }),
  z.strictObject({
    op: z.literal('hold'),
    lock: z.strictObject({ table, mode: z.enum(lockModes), waitMs: z.number() }).nullable(),
  }),
  z.strictObject({ op: z.literal('state') }),
  z.strictObject({ op: z.literal('terminate') }),
]);

/** Holds one transaction under our name, and counts and ends only that. */
serveHelper(async (given) => {
  const { connection, applicationName } = config.parse(given);
  const observer = await openServerSession(connection, 'firedrill-observer');
  return async (asked) => {
    const request = message.parse(asked);
    switch (request.op) {
      case 'table':
        return lookAtTable(observer, request.table);
      case 'hold':
        await holdTransaction(await openServerSession(connection, applicationName), request.lock);
        return {};
      case 'state':
        return lookAtTransaction(observer, applicationName);
      case 'terminate':
        return { terminated: await endSessions(observer, applicationName) };
    }
  };
});

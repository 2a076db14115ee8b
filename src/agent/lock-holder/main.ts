import type pg from 'pg';
import { z } from 'zod';
import { serveHelper } from '../helper-loop.ts';
import { endOf, endSessions, openServerSession } from '../postgres/session.ts';
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

interface Observing {
  readonly observer: pg.Client;
  hasEnded: boolean;
}

async function observe(connection: string): Promise<Observing> {
  const observer = await openServerSession(connection, 'firedrill-observer');
  const observing = { observer, hasEnded: false };
  void endOf(observer).then(() => (observing.hasEnded = true));
  return observing;
}

/** Holds one transaction under our name, and counts and ends only that. */
serveHelper(async (given) => {
  const { connection, applicationName } = config.parse(given);
  let observing = await observe(connection);
  return async (asked) => {
    const request = message.parse(asked);
    // Whoever ended our sight, and a server that was started again, leave something to be seen: with new eyes.
    if (observing.hasEnded) observing = await observe(connection);
    const { observer } = observing;
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

import type pg from 'pg';

export type SessionMode = 'idle' | 'idle-in-transaction' | 'sleeping';

export async function occupy(session: pg.Client, mode: SessionMode): Promise<void> {
  if (mode === 'idle') return;
  await session.query('begin; select 1');
  if (mode === 'sleeping') void sleepOn(session);
}

/** A server does not see that its client has gone until a query ends: many short ones, and none is left for long. */
async function sleepOn(session: pg.Client): Promise<void> {
  try {
    for (;;) await session.query('select pg_sleep(1)');
  } catch {
    // It was ended.
  }
}

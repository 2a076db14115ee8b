import pg from 'pg';
import { AppError, messageOf } from '../../domain/errors.ts';

export type SessionMode = 'idle' | 'idle-in-transaction' | 'sleeping';

/** Errors: `part/missing` when no server listens, `upstream/refused` when it refuses. */
export async function openSession(connection: string, applicationName: string): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: connection, connectionTimeoutMillis: 5000 });
  session.on('error', () => {}); // a session that somebody ended is not opened again: that is their way out
  try {
    await session.connect();
    // Said here and not in the options, where the connection string would win.
    await session.query(
      `select set_config('application_name', $1, false), set_config('statement_timeout', '0', false),
              set_config('idle_in_transaction_session_timeout', '0', false)`,
      [applicationName],
    );
    return session;
  } catch (error) {
    await session.end().catch(() => {});
    const { code } = error as { code?: string };
    const absent = code === 'ECONNREFUSED' || code === 'ENOENT';
    throw new AppError(
      absent ? 'part/missing' : 'upstream/refused',
      `PostgreSQL did not take a session: ${messageOf(error) || String(code)}. Check that it runs and that the connection is right`,
    );
  }
}

export async function occupy(session: pg.Client, mode: SessionMode): Promise<void> {
  if (mode === 'idle-in-transaction') await session.query('begin; select 1');
  // Never awaited: it ends with the session.
  if (mode === 'sleeping') session.query('select pg_sleep(1e6)').catch(() => {});
}

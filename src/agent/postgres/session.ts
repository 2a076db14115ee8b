import pg from 'pg';
import { AppError, messageOf } from '../../domain/errors.ts';

/** Errors: `part/missing` when no server listens, `upstream/refused` when it refuses. */
export async function openSession(connection: string): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: connection, connectionTimeoutMillis: 5000 });
  session.on('error', () => {}); // a session that somebody ended is not opened again: that is their way out
  try {
    await session.connect();
    return session;
  } catch (error) {
    await session.end().catch(() => {});
    throw refusal(error);
  }
}

/** Of a server: nothing but its end ends it. A pooler would hand these settings on to others. Errors: as `openSession`. */
export async function settle(session: pg.Client, applicationName: string): Promise<pg.Client> {
  try {
    // Said here and not in the options, where the connection string would win.
    await session.query(
      `select set_config('application_name', $1, false), set_config('statement_timeout', '0', false),
              set_config('idle_in_transaction_session_timeout', '0', false)`,
      [applicationName],
    );
    return session;
  } catch (error) {
    await session.end().catch(() => {});
    throw refusal(error);
  }
}

function refusal(error: unknown): AppError {
  const { code } = error as { code?: string };
  const absent = code === 'ECONNREFUSED' || code === 'ENOENT';
  return new AppError(
    absent ? 'part/missing' : 'upstream/refused',
    `PostgreSQL did not take a session: ${messageOf(error) || String(code)}. Check that it runs and that the connection is right`,
  );
}

/** Resolves when the session has ended, whoever ended it. Asked at its beginning: an end is told once. */
export function endOf(session: pg.Client): Promise<void> {
  return new Promise((resolve) => session.once('end', () => resolve()));
}

/** The process behind a session as its server calls it; of a pooler, what the pooler made up. */
export function processOf(session: pg.Client): number {
  return (session as pg.Client & { readonly processID: number }).processID;
}

/** Whether a pooler answers for the server: it makes up the number of its process. */
export async function isPooled(session: pg.Client): Promise<boolean> {
  const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid !== processOf(session);
}

/** Of the server itself, with our name on it. Errors: as `openSession`, and `policy/denied` where a pooler answers. */
export async function openServerSession(connection: string, applicationName: string): Promise<pg.Client> {
  const session = await openSession(connection);
  if (!(await isPooled(session))) return settle(session, applicationName);
  await session.end();
  throw new AppError(
    'policy/denied',
    'a pooler answers for the server, and would hand our session on to others. Name a connection to the server itself',
  );
}

/** Ends every session under that name, and no other. How many there were. */
export async function endSessions(observer: pg.Client, applicationName: string): Promise<number> {
  const { rowCount } = await observer.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()`,
    [applicationName],
  );
  return rowCount ?? 0;
}

import pg from 'pg';
import { AppError, messageOf } from '../../domain/errors.ts';

export type SessionMode = 'idle' | 'idle-in-transaction' | 'sleeping';

export type PoolLimits = {
  readonly maxConnections: number;
  /** Kept by the server for superusers and privileged roles. */
  readonly reserved: number;
  /** Client sessions now, without this observer. */
  readonly used: number;
  /** Still free for ordinary roles. */
  readonly available: number;
};

const openAtOnce = 10;

/** Holds real sessions of a PostgreSQL server, all under one application name, and counts and ends only those. */
export class PoolHolder {
  readonly #connection: string;
  readonly #applicationName: string;
  readonly #observer: pg.Client;
  readonly #held: pg.Client[] = [];

  private constructor(connection: string, applicationName: string, observer: pg.Client) {
    this.#connection = connection;
    this.#applicationName = applicationName;
    this.#observer = observer;
  }

  /** Opens the observer first: when every slot is taken it is still there to count and to end. */
  static async connect(connection: string, applicationName: string): Promise<PoolHolder> {
    return new PoolHolder(connection, applicationName, await openSession(connection, 'firedrill-observer'));
  }

  async limits(): Promise<PoolLimits> {
    const { rows } = await this.#observer.query<{ max: number; reserved: number; used: number }>(
      `select current_setting('max_connections')::int as max,
              current_setting('superuser_reserved_connections')::int
                + coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) as reserved,
              (select count(*)::int from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as used`,
    );
    const { max, reserved, used } = rows[0] ?? { max: 0, reserved: 0, used: 0 };
    return { maxConnections: max, reserved, used, available: Math.max(0, max - reserved - used) };
  }

  /** As the server sees it. */
  async count(): Promise<number> {
    const { rows } = await this.#observer.query<{ sessions: number }>(
      `select count(*)::int as sessions from pg_stat_activity where application_name = $1`,
      [this.#applicationName],
    );
    return rows[0]?.sessions ?? 0;
  }

  /** Opens that many; how many it got when the server refuses one. */
  async hold(sessions: number, mode: SessionMode): Promise<number> {
    let opened = 0;
    while (opened < sessions) {
      const batch = Array.from({ length: Math.min(openAtOnce, sessions - opened) }, () => this.#holdOne(mode));
      const results = await Promise.allSettled(batch);
      opened += results.filter((result) => result.status === 'fulfilled').length;
      if (results.some((result) => result.status === 'rejected')) break;
    }
    return opened;
  }

  /** Ends every session under our name, whichever process holds it. */
  async terminate(): Promise<number> {
    const { rowCount } = await this.#observer.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()`,
      [this.#applicationName],
    );
    return rowCount ?? 0;
  }

  async #holdOne(mode: SessionMode): Promise<void> {
    const session = await openSession(this.#connection, this.#applicationName);
    this.#held.push(session);
    if (mode === 'idle-in-transaction') await session.query('begin; select 1');
    // Never awaited: it ends with the session.
    if (mode === 'sleeping') session.query('select pg_sleep(1e6)').catch(() => {});
  }
}

/** Errors: `part/missing` when no server listens, `upstream/refused` when it refuses. */
async function openSession(connection: string, applicationName: string): Promise<pg.Client> {
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

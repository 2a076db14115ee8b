import type pg from 'pg';
import { sessionsToOpen } from './balance.ts';
import { occupy, openSession, type SessionMode } from './session.ts';

export type PoolLimits = {
  readonly maxConnections: number;
  /** Kept by the server for superusers and privileged roles. */
  readonly reserved: number;
  /** Client sessions now, this observer among them. */
  readonly used: number;
  /** Still free for ordinary roles. */
  readonly available: number;
};

export type Holding = {
  readonly aim: number;
  readonly held: number;
  /** Ended by somebody else. */
  readonly lost: number;
};

const openAtOnce = 10;
/** Others come and go: how often the reserve is looked after. */
const balanceEveryMs = 200;

/** Holds real sessions of a PostgreSQL server, all under one application name, and counts and ends only those. */
export class PoolHolder {
  readonly #connection: string;
  readonly #applicationName: string;
  readonly #reserve: number;
  readonly #observer: pg.Client;
  readonly #held = new Set<pg.Client>();
  #mode: SessionMode = 'idle';
  #aim = 0;
  #lost = 0;
  #balancing: Promise<void> = Promise.resolve();
  #isKept = false;

  private constructor(connection: string, applicationName: string, reserve: number, observer: pg.Client) {
    this.#connection = connection;
    this.#applicationName = applicationName;
    this.#reserve = reserve;
    this.#observer = observer;
  }

  /** Opens the observer first: when every slot is taken it is still there to count and to end. */
  static async connect(connection: string, applicationName: string, reserve: number): Promise<PoolHolder> {
    return new PoolHolder(connection, applicationName, reserve, await openSession(connection, 'firedrill-observer'));
  }

  async limits(): Promise<PoolLimits> {
    // An ordinary role is not told of what kind the sessions of others are: it counts every one that is in a database.
    const { rows } = await this.#observer.query<{ max: number; reserved: number; used: number }>(
      `select current_setting('max_connections')::int as max,
              current_setting('superuser_reserved_connections')::int
                + coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) as reserved,
              (select count(*)::int from pg_stat_activity
                where backend_type = 'client backend' or (backend_type is null and datid is not null)) as used`,
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

  /** Opens and gives back until that many are held, as far as the reserve allows; from then on it is kept so. */
  async hold(sessions: number, mode: SessionMode): Promise<Holding> {
    this.#aim = sessions;
    this.#mode = mode;
    await this.#balance();
    // Without the observer nobody keeps the reserve: then nothing may be held either.
    if (!this.#isKept) setInterval(() => void this.#balance().catch(() => process.exit(1)), balanceEveryMs);
    this.#isKept = true;
    return this.holding;
  }

  get holding(): Holding {
    return { aim: this.#aim, held: this.#held.size, lost: this.#lost };
  }

  /** Ends every session under our name, whichever process holds it, and takes none again. */
  async terminate(): Promise<number> {
    this.#aim = 0;
    this.#held.clear();
    await this.#balancing;
    const { rowCount } = await this.#observer.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()`,
      [this.#applicationName],
    );
    return rowCount ?? 0;
  }

  /** One after the other: two at once would both take the same room. */
  #balance(): Promise<void> {
    this.#balancing = this.#balancing.then(() => this.#balanceOnce());
    return this.#balancing;
  }

  async #balanceOnce(): Promise<void> {
    const { available } = await this.limits();
    const change = sessionsToOpen({ ...this.holding, available, reserve: this.#reserve });
    if (change > 0) await this.#open(change);
    if (change < 0) await this.#giveBack(-change);
  }

  async #open(count: number): Promise<void> {
    for (let left = count; left > 0; left -= openAtOnce) {
      const batch = Array.from({ length: Math.min(openAtOnce, left) }, () => this.#openOne());
      const results = await Promise.allSettled(batch);
      // Refused: others were faster. The next round counts again.
      if (results.some((result) => result.status === 'rejected')) return;
    }
  }

  async #openOne(): Promise<void> {
    const session = await openSession(this.#connection, this.#applicationName);
    this.#held.add(session);
    session.once('end', () => {
      if (this.#held.delete(session)) this.#lost += 1;
    });
    await occupy(session, this.#mode);
  }

  /** The newest first. The server is asked to end them: it does so whatever they are doing. */
  async #giveBack(count: number): Promise<void> {
    const sessions = [...this.#held].slice(-count);
    for (const session of sessions) this.#held.delete(session);
    const pids = sessions.map((session) => (session as pg.Client & { readonly processID: number }).processID);
    await this.#observer.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]);
  }
}

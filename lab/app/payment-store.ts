import pg from 'pg';
import { Counter, Gauge, type Registry } from 'prom-client';

const POOL_SIZE = 10;
/** Any number, the same in all replicas: only one makes the tables at a time. */
const SCHEMA_LOCK = 7_001;

/** One message is one transaction, which the lock ends with: also through a pooler that shares connections by transaction. */
const schema = `
  select pg_advisory_xact_lock(${SCHEMA_LOCK});
  create table if not exists payments (
    id bigint generated always as identity primary key, at timestamptz not null default now(),
    amount numeric not null, verdict text not null);
  create table if not exists ledger (
    id bigint generated always as identity primary key, payment bigint not null references payments, change numeric not null);`;

const insert = `
  with payment as (insert into payments (amount, verdict) values ($1, $2) returning id, amount)
  insert into ledger (payment, change) select id, amount from payment returning payment`;

/** Payments and their ledger lines, through one pool per replica. */
export interface PaymentStore {
  prepare(): Promise<void>;
  /** Writes both lines or none; the payment's id. */
  write(amount: number, verdict: string): Promise<string>;
  /** Milliseconds of one round trip. */
  ping(): Promise<number>;
  /** Writes and reads back inside a transaction that is then undone. */
  rehearse(): Promise<void>;
}

export function createPaymentStore(connectionString: string, registry: Registry): PaymentStore {
  const pool = new pg.Pool({
    connectionString,
    max: POOL_SIZE,
    connectionTimeoutMillis: 1_000,
    idleTimeoutMillis: 5_000,
    // Connections are renewed, as behind most load balancers: so a full database is felt within seconds.
    maxLifetimeSeconds: 10,
  });
  // An idle connection that the server closed is not the end of the service.
  pool.on('error', () => {});
  const waits = poolMetrics(pool, registry);

  async function acquire(): Promise<pg.PoolClient> {
    if (pool.idleCount === 0 && pool.totalCount >= POOL_SIZE) waits.inc();
    return pool.connect();
  }

  async function using<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await acquire();
    let failure: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure);
    }
  }

  return {
    prepare: () =>
      using(async (client) => {
        await client.query(schema);
      }),
    write: (amount, verdict) =>
      using(async (client) => {
        const result = await client.query<{ payment: string }>(insert, [amount, verdict]);
        return result.rows[0]?.payment ?? '';
      }),
    ping: () =>
      using(async (client) => {
        const started = performance.now();
        await client.query('select 1');
        return performance.now() - started;
      }),
    rehearse: () =>
      using(async (client) => {
        await client.query('begin');
        try {
          await client.query(insert, [0, 'rehearsal']);
          await client.query('select count(*) from ledger where payment = (select max(id) from payments)');
        } finally {
          await client.query('rollback');
        }
      }),
  };
}

function poolMetrics(pool: pg.Pool, registry: Registry): Counter {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('db_pool_active', 'Connections of the pool at work.', () => pool.totalCount - pool.idleCount);
  gauge('db_pool_idle', 'Open connections of the pool without work.', () => pool.idleCount);
  gauge('db_pool_total', 'Connections the pool may open.', () => POOL_SIZE);
  return new Counter({
    name: 'db_pool_wait_count',
    help: 'Requests that found no free connection.',
    registers: [registry],
  });
}

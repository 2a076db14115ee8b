import pg from 'pg';
import { Gauge, Registry } from 'prom-client';
import { serve } from './http-service.ts';
import { listenAddress, setting } from './settings.ts';
import { untilDone } from './until-done.ts';

/**
 * What the database says of itself. Env: HOST, PORT, DATABASE_URL.
 * Keeps one connection for good: when the database is full, this is the one that can still tell.
 */
const client = await untilDone(async () => {
  const client = new pg.Client({ connectionString: setting('DATABASE_URL') });
  await client.connect();
  // We are started again; a watcher without its connection would report stale numbers.
  client.on('error', () => process.exit(1));
  return client;
});

const registry = new Registry();
interface Reading {
  readonly name: string;
  readonly help: string;
  /** One number as `value`; null or no row is a gauge without a value. */
  readonly query: string;
}

const readings: readonly Reading[] = [
  {
    name: 'db_connections_active',
    help: 'Client connections of the database server.',
    query: "select count(*)::float as value from pg_stat_activity where backend_type = 'client backend'",
  },
  {
    name: 'db_connections_max',
    help: 'Client connections that the database server allows.',
    query: "select current_setting('max_connections')::float as value",
  },
  {
    name: 'db_replication_lag_seconds',
    help: 'How long the slowest replica takes to show what is written. Absent without a replica.',
    // A replica that has nothing to catch up with says null.
    query: 'select max(coalesce(extract(epoch from replay_lag), 0))::float as value from pg_stat_replication',
  },
];
for (const { name, help, query } of readings) {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      const { rows } = await client.query<{ value: number | null }>(query);
      const value = rows[0]?.value ?? null;
      if (value === null) this.remove();
      else this.set(value);
    },
  });
}

await serve({
  service: 'database',
  listen: listenAddress(),
  registry,
  routes: { 'GET /health': async () => ({ status: 200, body: { status: 'up' } }) },
});

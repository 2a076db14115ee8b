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
const readings = {
  db_connections_active: "select count(*)::int as value from pg_stat_activity where backend_type = 'client backend'",
  db_connections_max: "select current_setting('max_connections')::int as value",
};
for (const [name, query] of Object.entries(readings)) {
  new Gauge({
    name,
    help: 'Client connections of the database server: there, or allowed.',
    registers: [registry],
    async collect() {
      const { rows } = await client.query<{ value: number }>(query);
      this.set(rows[0]?.value ?? 0);
    },
  });
}

await serve({
  service: 'database',
  listen: listenAddress(),
  registry,
  routes: { 'GET /health': async () => ({ status: 200, body: { status: 'up' } }) },
});

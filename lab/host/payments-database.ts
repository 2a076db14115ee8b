import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import pg from 'pg';

/** The demo's database and its people: the service owns it, the drill may only connect and watch. */
export async function createPaymentsDatabase(port: number): Promise<{ service: string; drill: string }> {
  const client = new pg.Client({ connectionString: `postgres://postgres@127.0.0.1:${port}/postgres` });
  await client.connect();
  try {
    await client.query('create role payments login');
    await client.query('create role drill login');
    await client.query('grant pg_monitor to payments, drill');
    await client.query('create database payments owner payments');
  } finally {
    await client.end();
  }
  const dsn = (user: string): string => `postgres://${user}@127.0.0.1:${port}/payments`;
  return { service: dsn('payments'), drill: dsn('drill') };
}

/** A secret is a file that only we can read; records hold its name. */
export function writeSecret(path: string, value: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${value}\n`, { mode: 0o600 });
}

import type pg from 'pg';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { Layer, Limits } from './layer.ts';
import { endOf, openSession } from '../postgres/session.ts';
import { serverLimits } from './server-layer.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * A PgBouncer. An idle session takes one of the clients that it takes at most; one in a transaction takes a connection of the pool of
 * its role and database. Sessions end when their sockets do: what the pooler has at the server is everybody's, and left alone.
 * Errors: `upstream/refused` when it does not tell this role its figures.
 */
export async function poolerLayer(observer: pg.Client, connection: string, applicationName: string): Promise<Layer> {
  const console = await openConsole(connection);
  const show = async (what: string): Promise<readonly Row[]> => (await console.query<Row>(`show ${what}`)).rows;
  const { name, user } = poolOf(connection);

  const clients = async (): Promise<Limits> => {
    const config = await show('config');
    const lists = await show('lists');
    const maxConnections = Number(config.find(({ key }) => key === 'max_client_conn')?.['value']);
    const used = Number(lists.find(({ list }) => list === 'used_clients')?.['items']);
    return { layer: 'pooler-clients', maxConnections, available: Math.max(0, maxConnections - used) };
  };
  const pool = async (): Promise<Limits> => {
    const server = await serverLimits(observer);
    const database = (await show('databases')).find((row) => row['name'] === name);
    const role = database?.['force_user'] ?? user;
    const found = (await show('pools')).find((row) => row['database'] === name && row['user'] === role);
    const maxConnections = Number(database?.['pool_size']);
    const of = (column: string): number => Number(found?.[column] ?? 0);
    const available = Math.max(0, maxConnections - of('sv_active'));
    // What waits idle in the pool is taken at the server already.
    const atServer = server.available + of('sv_idle') + of('sv_used');
    if (atServer < available) return { layer: 'server', maxConnections: server.maxConnections, available: atServer };
    return { layer: 'pooler-pool', maxConnections, available };
  };

  return {
    // The observer looks through the same pool.
    leastReserve: 1,
    cutOff: Promise.race([endOf(observer), endOf(console)]),
    limits: (mode) => (mode === 'idle' ? clients() : pool()),
    count: async () => (await show('clients')).filter((row) => row['application_name'] === applicationName).length,
    open: () => openSession(named(connection, applicationName)),
    end: async (sessions) => void sessions.forEach(hangUp),
    async endAll(held) {
      held.forEach(hangUp);
      return held.length;
    },
  };
}

/** For a pooler, which would hand on what is set later. */
function named(connection: string, applicationName: string): string {
  const url = new URL(connection);
  url.searchParams.set('application_name', applicationName);
  return url.href;
}

function poolOf(connection: string): { readonly name: string; readonly user: string } {
  const { pathname, username } = new URL(connection);
  return { name: decodeURIComponent(pathname.slice(1)) || username, user: decodeURIComponent(username) };
}

async function openConsole(connection: string): Promise<pg.Client> {
  const url = new URL(connection);
  url.pathname = '/pgbouncer';
  try {
    return await openSession(named(url.href, 'firedrill-observer'));
  } catch (cause) {
    throw new AppError(
      'upstream/refused',
      `a pooler stands before the server, and does not tell ${url.username} what it has left: ${messageOf(cause)}. Add the role to stats_users of PgBouncer, or connect to the server itself`,
      { cause },
    );
  }
}

function hangUp(session: pg.Client): void {
  void session.end().catch(() => {});
}

import type pg from 'pg';
import type { Layer } from './layer.ts';
import { endOf, endSessions, openSession, processOf, settle } from '../postgres/session.ts';

/** A PostgreSQL server, without anything between it and us. */
export function serverLayer(observer: pg.Client, connection: string, applicationName: string): Layer {
  return {
    leastReserve: 0,
    cutOff: endOf(observer),
    limits: async () => {
      const { maxConnections, available } = await serverLimits(observer);
      return { layer: 'server', maxConnections, available };
    },
    async count() {
      const { rows } = await observer.query<{ sessions: number }>(
        `select count(*)::int as sessions from pg_stat_activity where application_name = $1`,
        [applicationName],
      );
      return rows[0]?.sessions ?? 0;
    },
    open: async () => settle(await openSession(connection), applicationName),
    // The server is asked to: it ends them whatever they are doing.
    async end(sessions) {
      await observer.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [sessions.map(processOf)]);
    },
    endAll: () => endSessions(observer, applicationName),
  };
}

export async function serverLimits(session: pg.Client): Promise<{ maxConnections: number; available: number }> {
  // An ordinary role is not told of what kind the sessions of others are: it counts every one that is in a database.
  const { rows } = await session.query<{ max: number; reserved: number; used: number }>(
    `select current_setting('max_connections')::int as max,
            current_setting('superuser_reserved_connections')::int
              + coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) as reserved,
            (select count(*)::int from pg_stat_activity
              where backend_type = 'client backend' or (backend_type is null and datid is not null)) as used`,
  );
  const { max, reserved, used } = rows[0] ?? { max: 0, reserved: 0, used: 0 };
  return { maxConnections: max, available: Math.max(0, max - reserved - used) };
}

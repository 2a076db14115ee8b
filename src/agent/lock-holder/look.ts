import type pg from 'pg';

export const lockModes = ['access-exclusive', 'exclusive', 'share'] as const;
export type LockMode = (typeof lockModes)[number];
export type Table = { readonly schema: string; readonly name: string };

export type TableLook = {
  readonly exists: boolean;
  /** Of the server itself: without it nobody can log in. */
  readonly system: boolean;
  readonly mayLock: boolean;
  readonly role: string;
};

export type TransactionLook = {
  /** Sessions under our name that are in a transaction. */
  readonly held: number;
  /** Since the transaction began. */
  readonly seconds: number;
  /** The lock on a table that it has been given, as the server calls it. */
  readonly lock: string | null;
  /** Sessions that wait for us. */
  readonly waiting: number;
};

export async function lookAtTable(observer: pg.Client, { schema, name }: Table): Promise<TableLook> {
  const { rows } = await observer.query<TableLook>(
    `select count(*) > 0 as exists,
            coalesce(bool_or(n.nspname ~ '^pg_' or n.nspname = 'information_schema'), false) as system,
            coalesce(bool_or(has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')), false) as "mayLock",
            current_user::text as role
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`,
    [schema, name],
  );
  return rows[0] ?? { exists: false, system: false, mayLock: false, role: '' };
}

export async function lookAtTransaction(observer: pg.Client, applicationName: string): Promise<TransactionLook> {
  const { rows } = await observer.query<TransactionLook>(
    `with ours as (
       select pid, xact_start from pg_stat_activity where application_name = $1 and xact_start is not null)
     select (select count(*)::int from ours) as held,
            coalesce((select max(extract(epoch from clock_timestamp() - xact_start))::float8 from ours), 0) as seconds,
            (select max(l.mode) from pg_locks l join ours using (pid)
              where l.locktype = 'relation' and l.granted and l.mode in ('AccessExclusiveLock', 'ExclusiveLock', 'ShareLock')) as lock,
            (select count(distinct w.pid)::int from pg_locks w
              where not w.granted and pg_blocking_pids(w.pid) && array(select pid from ours)) as waiting`,
    [applicationName],
  );
  return rows[0] ?? { held: 0, seconds: 0, lock: null, waiting: 0 };
}

import type pg from 'pg';

export type ReplicaLook = {
  /** Whether it replays another server's log at all. */
  readonly replica: boolean;
  /** Asked for is not yet paused: what it does at that moment comes first. */
  readonly state: 'not paused' | 'pause requested' | 'paused';
  readonly mayPause: boolean;
  readonly role: string;
  /** Received and not replayed. */
  readonly lagBytes: number;
  /** Since the last transaction that was replayed was committed; null: none was yet. */
  readonly lagSeconds: number | null;
};

export async function lookAtReplica(session: pg.Client): Promise<ReplicaLook> {
  const { rows } = await session.query<ReplicaLook>(
    `select replica,
            case when replica then pg_get_wal_replay_pause_state() else 'not paused' end as state,
            has_function_privilege('pg_wal_replay_pause()', 'execute')
              and has_function_privilege('pg_wal_replay_resume()', 'execute') as "mayPause",
            current_user::text as role,
            case when replica
              then coalesce(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0)::float8
              else 0 end as "lagBytes",
            case when replica
              then extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float8 end as "lagSeconds"
       from pg_is_in_recovery() as replica`,
  );
  return rows[0]!;
}

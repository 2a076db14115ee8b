import pg from 'pg';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { until } from '../../faults/until.ts';
import { core, isReady, type Sandbox } from './cluster.ts';

/** As the demo's: roles that may log in, and a pooler that tells one of them its figures. */
const server = [
  'initdb -D /tmp/pg -U drill --auth=trust --no-sync >/dev/null',
  'echo "host all all all trust" >> /tmp/pg/pg_hba.conf',
  "exec postgres -D /tmp/pg -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=30 -c fsync=off",
].join(' && ');
const pooler = `cat > /tmp/pgbouncer.ini <<'END'
[databases]
postgres = host=127.0.0.1 port=5432
[pgbouncer]
listen_addr = 0.0.0.0
listen_port = 6432
unix_socket_dir =
auth_type = trust
auth_file = /tmp/users
stats_users = drill
pool_mode = transaction
max_client_conn = 40
default_pool_size = 10
query_wait_timeout = 5
ignore_startup_parameters = extra_float_digits
END
printf '"drill" ""\\n"outsider" ""\\n' > /tmp/users
exec pgbouncer /tmp/pgbouncer.ini`;

/** A PostgreSQL in a pod, a PgBouncer before it, and a Secret with the ways to both. */
export interface Database {
  /** By the key of the Secret: `direct`, `pooled`. */
  target(key: string): TargetRef;
  /** From this machine. */
  connect(port: 5432 | 6432, database?: string): Promise<pg.Client>;
}

export async function runDatabase(sandbox: Sandbox): Promise<Database> {
  const container = (name: string, image: string, script: string, port: number): object => ({
    name,
    image: `firedrill.local/${image}:dev`,
    imagePullPolicy: 'IfNotPresent',
    command: ['bash', '-c', script],
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  });
  await sandbox.make({ ...core, resource: 'pods' }, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'database', labels: { app: 'database' } },
    spec: {
      terminationGracePeriodSeconds: 1,
      volumes: [{ name: 'tmp', emptyDir: {} }],
      containers: [container('postgres', 'postgres', server, 5432), container('pgbouncer', 'pgbouncer', pooler, 6432)],
    },
  } as never);
  await until('the database is ready', async () => (await sandbox.pods('database')).some(isReady), 110_000);
  const { podIP = '' } = (await sandbox.pods('database'))[0]!.status as { podIP?: string };
  const way = (port: number, database = 'postgres', role = 'drill'): string => `postgres://${role}@${podIP}:${port}/${database}`;
  const stringData = { direct: way(5432), pooled: way(6432), unheard: way(6432, 'postgres', 'outsider') };
  await sandbox.make(
    { ...core, resource: 'secrets' },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'drill' }, stringData },
  );
  const { namespace } = sandbox;
  const connect: Database['connect'] = async (port, name) => {
    const client = new pg.Client({ connectionString: way(port, name) });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const owner = await connect(5432);
  await owner.query('create role outsider login');
  await owner.end();
  return {
    connect,
    target: (key) => {
      const connection = `secret:${namespace}/drill#${key}`;
      return { kind: 'postgres', service: 'database', name: 'payments', uid: connection, locator: { connection, namespace } };
    },
  };
}

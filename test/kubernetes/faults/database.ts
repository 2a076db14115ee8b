import pg from 'pg';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { until } from '../../faults/until.ts';
import { core, isReady, type Sandbox } from './cluster.ts';

const run = "exec postgres -D /tmp/pg -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=30 -c fsync=off";

/** As the demo's: roles that may log in, and a pooler that tells one of them its figures. */
const server = [
  'initdb -D /tmp/pg -U drill --auth=trust --no-sync >/dev/null',
  'echo "host all all all trust" >> /tmp/pg/pg_hba.conf',
  'echo "host replication all all trust" >> /tmp/pg/pg_hba.conf',
  run,
].join(' && ');
/** Follows the server at that address. */
const replicaOf = (address: string): string =>
  [`pg_basebackup -h ${address} -U drill -D /tmp/pg -R -c fast --no-sync`, 'chmod 700 /tmp/pg', run].join(' && ');
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
  /** Another one that follows it: a target, and a client from this machine. */
  follow(): Promise<{ readonly target: TargetRef; readonly reader: pg.Client }>;
}

export async function runDatabase(sandbox: Sandbox): Promise<Database> {
  const containers = [container('postgres', 'postgres', server, 5432), container('pgbouncer', 'pgbouncer', pooler, 6432)];
  const address = await runPod(sandbox, 'database', containers);
  const keep = (secret: string, ways: Readonly<Record<string, string>>) =>
    sandbox.make(
      { ...core, resource: 'secrets' },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret }, stringData: ways },
    );
  await keep('drill', {
    direct: way(address, 5432),
    pooled: way(address, 6432),
    unheard: way(address, 6432, 'postgres', 'outsider'),
  });
  const { namespace } = sandbox;
  const target = (name: string, reference: string): TargetRef => {
    const connection = `secret:${namespace}/${reference}`;
    return { kind: 'postgres', service: 'database', name, uid: connection, locator: { connection, namespace } };
  };
  const connect: Database['connect'] = (port, name) => open(way(address, port, name));
  const owner = await connect(5432);
  await owner.query('create role outsider login');
  await owner.end();
  return {
    connect,
    target: (key) => target('payments', `drill#${key}`),
    async follow() {
      const at = await runPod(sandbox, 'replica', [container('postgres', 'postgres', replicaOf(address), 5432)]);
      await keep('replica', { direct: way(at, 5432) });
      return { target: target('replica', 'replica#direct'), reader: await open(way(at, 5432)) };
    },
  };
}

const way = (address: string, port: number, database = 'postgres', role = 'drill'): string =>
  `postgres://${role}@${address}:${port}/${database}`;

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const takesSessions = {
  exec: { command: ['pg_isready', '--host=127.0.0.1', '--username=drill'] },
  periodSeconds: 1,
  timeoutSeconds: 5,
  failureThreshold: 110,
};

const container = (name: string, image: string, script: string, port: number): JsonObject => ({
  name,
  image: `firedrill.local/${image}:dev`,
  imagePullPolicy: 'IfNotPresent',
  command: ['bash', '-c', script],
  // It listens before it takes sessions. Asked until it does, and no more: who asks has a connection.
  ...(image === 'postgres' ? { startupProbe: takesSessions } : {}),
  readinessProbe: { tcpSocket: { port }, periodSeconds: 1 },
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
});

/** Its address, once it is ready. */
async function runPod(sandbox: Sandbox, name: string, containers: JsonObject[]): Promise<string> {
  const spec = { terminationGracePeriodSeconds: 1, volumes: [{ name: 'tmp', emptyDir: {} }], containers };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec };
  await sandbox.make({ ...core, resource: 'pods' }, pod);
  await until(`${name} is ready`, async () => (await sandbox.pods(name)).some(isReady), 110_000);
  return ((await sandbox.pods(name))[0]!.status as { podIP?: string }).podIP ?? '';
}

import { expect, test } from '@jest/globals';
import { createClient } from '@redis/client';
import { createSecrets } from '../../../src/adapters/host/secrets.ts';
import { createClusterSecrets } from '../../../src/adapters/kubernetes/secrets.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { FaultContext } from '../../../src/faults/fault.ts';
import { redisNodeKill } from '../../../src/faults/redis-node-kill.ts';
import { faultByName } from '../../../src/faults/index.ts';
import type { Pod } from '../../../src/faults/shared/pods.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract, type Subject } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { apps, core, isReady, openSandbox, podTarget, type Sandbox } from './cluster.ts';

const password = 'hunter2-hunter2';
/** The first pod is the primary, the others follow it. */
const script = `
  follow=(); [ "$HOSTNAME" = redis-0 ] || follow=(--replicaof redis-0.redis 6379)
  exec redis-server --dir /tmp --save "" --bind 0.0.0.0 --requirepass ${password} --masterauth ${password} --repl-diskless-sync-delay 0 "\${follow[@]}"
`;

/** As many pods of Redis, each replica in step with its primary. */
async function redis(sandbox: Sandbox, replicas: number): Promise<readonly Pod[]> {
  const labels = { app: 'redis' };
  const probe = {
    exec: { command: ['redis-cli', '--no-auth-warning', '-a', password, 'ping'] },
    periodSeconds: 1,
    timeoutSeconds: 5,
  };
  await sandbox.make(
    { ...core, resource: 'secrets' },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'redis' }, stringData: { password } },
  );
  await sandbox.make(
    { ...core, resource: 'services' },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'redis' },
      spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: labels, ports: [{ port: 6379 }] },
    },
  );
  await sandbox.make(
    { ...apps, resource: 'statefulsets' },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'redis' },
      spec: {
        replicas,
        serviceName: 'redis',
        podManagementPolicy: 'Parallel',
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'redis',
                image: 'firedrill.local/redis:dev',
                imagePullPolicy: 'IfNotPresent',
                command: ['bash', '-c', script],
                readinessProbe: probe,
                volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
              },
            ],
            volumes: [{ name: 'tmp', emptyDir: {} }],
          },
        },
      },
    },
  );
  await until('all of Redis is ready', async () => (await sandbox.pods('redis')).filter(isReady).length === replicas, 60_000);
  const pods = await sandbox.pods('redis');
  await until('its replicas are online', async () => (await onlineReplicas(pods[0]!)) === replicas - 1, 60_000);
  return pods;
}

async function ask<T>(pod: Pod, question: (client: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
  const { podIP = '' } = pod.status as { podIP?: string };
  const client = createClient({ password, socket: { host: podIP, port: 6379, connectTimeout: 1000, reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  try {
    return await question(client as ReturnType<typeof createClient>);
  } finally {
    client.destroy();
  }
}

async function onlineReplicas(pod: Pod): Promise<number> {
  const role = await ask(pod, (client) => client.sendCommand(['ROLE'])).catch(() => null);
  return Array.isArray(role) && Array.isArray(role[2]) ? role[2].length : -1;
}

/** Asked from outside the cluster. */
const takesWrites = (pod: Pod): Promise<boolean> =>
  ask(pod, async (client) => (await client.set('drill', '1')) === 'OK').catch(() => false);

/** With another's address, as a forged record may have: whoever has that would be told the password. */
function targetOf(pod: Pod): TargetRef {
  const target = podTarget(pod);
  return { ...target, locator: { ...target.locator, podIP: '127.0.0.1' } };
}

/** The contract's own context knows no Secrets of a cluster. */
const readsSecrets = ({ api }: Sandbox): Pick<FaultContext, 'secret'> => ({
  secret: createClusterSecrets(api, createSecrets({})),
});
const params = { mode: 'forced', password: 'redis#password' };

async function subject(): Promise<Subject> {
  const sandbox = await openSandbox();
  const [, pod] = await redis(sandbox, 2);
  if (pod === undefined) throw new Error('no replica was made');
  const secrets = readsSecrets(sandbox);
  const fault = faultByName('redis-node-kill')!;
  return {
    target: targetOf(pod),
    params: { ...params, role: 'replica' },
    lent: { cluster: sandbox.tools },
    fault: { ...fault, prepare: (context, target, given) => fault.prepare({ ...context, ...secrets }, target, given) },
    async broken() {
      const now = await sandbox.api.get({ ...core, resource: 'pods', namespace: sandbox.namespace }, pod.metadata.name);
      return now?.metadata.uid !== pod.metadata.uid || now.metadata.deletionTimestamp !== undefined;
    },
    dispose: sandbox.dispose,
  };
}

faultContract('redis-node-kill', subject);

test('the primary is killed when it is asked for, and takes writes again; a replica is not taken for one', async () => {
  const sandbox = await openSandbox();
  try {
    const [primary, replica] = await redis(sandbox, 2);
    if (primary === undefined || replica === undefined) throw new Error('no Redis was made');
    const context = { ...createContext('redis-1-1', {}, { cluster: sandbox.tools }), ...readsSecrets(sandbox) };
    const parse = (more: JsonObject) => redisNodeKill.params.parse({ ...params, ...more });
    await expect(redisNodeKill.prepare(context, targetOf(replica), parse({ role: 'primary' }))).rejects.toThrow(
      /is a replica now, not a primary/,
    );
    await expect(
      redisNodeKill.prepare(context, targetOf(primary), parse({ role: 'primary', password: null })),
    ).rejects.toMatchObject({ code: 'upstream/refused' });

    const target = targetOf(primary);
    const given = parse({ role: 'primary' });
    const undo = await redisNodeKill.prepare(context, target, given);
    expect(await takesWrites(primary)).toBe(true);
    const startedAt = performance.now();
    const elapsed = (): number => Math.round(performance.now() - startedAt);
    await redisNodeKill.inject(context, target, given, undo);
    const deletedMs = elapsed();
    await until('verify sees it', async () => (await redisNodeKill.verify(context, target, given, undo)).present);
    const verifiedMs = elapsed();
    const seen = await redisNodeKill.verify(context, target, given, undo);
    expect(seen).toMatchObject({ data: { role: 'primary', replicasOnline: 1 } });
    expect(JSON.stringify([seen, undo])).not.toContain(password);
    await until('it takes no writes', async () => !(await takesWrites(primary)), 60_000);
    const feltMs = elapsed();
    const now = async (): Promise<Pod | undefined> =>
      (await sandbox.pods('redis')).find(({ metadata }) => metadata.name === primary.metadata.name && metadata.uid !== undo.uid);
    await until(
      'another one takes writes',
      async () => {
        const pod = await now();
        return pod !== undefined && (await takesWrites(pod));
      },
      60_000,
    );
    console.log('redis-node-kill, ms since asked:', { deletedMs, verifiedMs, feltMs, wellMs: elapsed() });
  } finally {
    await sandbox.dispose();
  }
});

test('a primary without a replica is spared: it is all of Redis', async () => {
  const sandbox = await openSandbox();
  try {
    const [alone] = await redis(sandbox, 1);
    if (alone === undefined) throw new Error('no Redis was made');
    const context = { ...createContext('redis-2-1', {}, { cluster: sandbox.tools }), ...readsSecrets(sandbox) };
    const given = redisNodeKill.params.parse({ ...params, role: 'primary' });
    await expect(redisNodeKill.prepare(context, targetOf(alone), given)).rejects.toMatchObject({ code: 'policy/denied' });
  } finally {
    await sandbox.dispose();
  }
});

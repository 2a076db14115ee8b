import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createClient } from '@redis/client';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { pidOfAgent, pidsOfPod } from '../agents/agent-pids.ts';
import { inject } from '../agents/injected.ts';
import type { Injected } from '../agents/injected.ts';
import { installAgents } from '../agents/installed-agents.ts';
import type { InstalledAgents } from '../agents/installed-agents.ts';
import { killAll } from '../e2e/processes.ts';
import { begin, finish } from './acts.ts';
import { faultInCluster } from './agent-pod.ts';
import { core, isReady, openSandbox, type Sandbox } from './cluster.ts';
import { killPod, restartCount } from './container.ts';

jest.setTimeout(240_000);
const password = 'hunter2-hunter2';
const maxmemory = String(64 * 2 ** 20);
const script = `exec redis-server --dir /tmp --save "" --bind 0.0.0.0 --requirepass ${password} --maxmemory ${maxmemory} --maxmemory-policy allkeys-lru`;

let sandbox: Sandbox;
let fault: Fault;
let target: TargetRef;
let client: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  sandbox = await openSandbox();
  const [address, inCluster] = await Promise.all([runRedis(), faultInCluster(sandbox, 'redis-eviction')]);
  fault = inCluster;
  client = await connect(address);
  const { namespace } = sandbox;
  const connection = `secret:${namespace}/drill-redis#primary`;
  target = { kind: 'redis', service: 'redis', name: 'cache', uid: connection, locator: { connection, namespace } };
});
afterAll(async () => {
  client?.destroy();
  await sandbox.dispose();
});

/** Its address, and a Secret with the way there. */
async function runRedis(): Promise<string> {
  const redis = {
    name: 'redis',
    image: 'firedrill.local/redis:dev',
    imagePullPolicy: 'IfNotPresent',
    command: ['bash', '-c', script],
    readinessProbe: { tcpSocket: { port: 6379 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
  const spec = { terminationGracePeriodSeconds: 1, volumes: [{ name: 'tmp', emptyDir: {} }], containers: [redis] };
  const metadata = { name: 'redis', labels: { app: 'redis' } };
  await sandbox.make({ ...core, resource: 'pods' }, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  await until('Redis is ready', async () => (await sandbox.pods('redis')).some(isReady), 110_000);
  const { podIP = '' } = (await sandbox.pods('redis'))[0]!.status as { podIP?: string };
  const stringData = { primary: `redis://:${password}@${podIP}:6379` };
  await sandbox.make(
    { ...core, resource: 'secrets' },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'drill-redis' }, stringData },
  );
  return podIP;
}

/** From this machine, as an application that uses the cache. */
async function connect(host: string) {
  const opened = createClient({ RESP: 2, password, socket: { host, port: 6379, reconnectStrategy: false } });
  opened.on('error', () => {});
  await opened.connect();
  return opened;
}

const value = 'x'.repeat(4000);
let lastKey = 0;
async function write(count: number): Promise<void> {
  const keys = Array.from({ length: count }, () => `key:${(lastKey += 1)}`);
  await Promise.all(keys.map((key) => client.set(key, value)));
}
async function losesKeys(): Promise<boolean> {
  const before = await client.dbSize();
  await write(200);
  return (await client.dbSize()) < before + 200;
}
const limit = async (): Promise<string> => (await client.sendCommand<[string, string]>(['CONFIG', 'GET', 'maxmemory']))[1];
const refill = async (): Promise<void> => {
  await client.flushAll();
  await write(3000);
};
const params = { maxmemory: '80%' };

faultContract('redis-eviction', async () => {
  await refill();
  return { target, params, fault, broken: losesKeys, dispose: async () => {} };
});

test('a client loses keys that it wrote, and loses none once it is reverted; no record holds the password', async () => {
  await refill();
  const act = await begin(fault, target, params, {});
  expect(await client.dbSize()).toBeLessThan(3000);
  expect(await losesKeys()).toBe(true);
  const seen = await fault.verify(act.context, target, act.params, act.undo);
  const reverted = await finish(act);
  console.log('redis-eviction, ms:', { ...act.times, ...reverted.times }, seen.summary, '|', reverted.evidence.summary);
  expect(await limit()).toBe(maxmemory);
  expect(await losesKeys()).toBe(false);
  expect(JSON.stringify([act.undo, seen, reverted.evidence])).not.toContain(password);
});

test('the limit outlives its agent, and the one that takes its place ends it', async () => {
  await refill();
  const act = await begin(fault, target, params, {});
  await killPod(sandbox, 'agent');
  expect(await losesKeys()).toBe(true);
  await until('it was started again', async () => (await restartCount(sandbox, 'agent')) > 0, 60_000);
  await faultInCluster(sandbox, 'redis-eviction');
  await finish({ ...act, context: createContext(act.context.injectionId) });
  expect(await limit()).toBe(maxmemory);
  expect(await losesKeys()).toBe(false);
});

describe('agents of an installation', () => {
  let agents: InstalledAgents;
  beforeAll(async () => {
    agents = await installAgents(sandbox.api, `${sandbox.namespace}-agents`, sandbox.namespace);
  });
  afterAll(() => agents.remove());

  const leader = (): Promise<string> =>
    kubectl('-n', agents.namespace, 'get', 'lease', 'firedrill-cluster-agent', '-o', 'jsonpath={.spec.holderIdentity}');
  const limited = async (): Promise<Injected> => {
    await refill();
    const injected = await inject(agents.store, { fault: 'redis-eviction', agent: 'cluster', target, params });
    await injected.reaches('active');
    expect(await losesKeys()).toBe(true);
    return injected;
  };

  test('limit it, and take the limit back though their runner was killed: its next life does it', async () => {
    const injected = await limited();
    const killedAt = performance.now();
    process.kill(pidOfAgent('/agent/runner', `HOSTNAME=${await leader()}`), 'SIGKILL');
    // It may have looked while nobody was there to look: then it ends by itself, and else when it is asked.
    await injected.revert();
    expect((await injected.ends()).phase).toBe('reverted');
    console.log('redis-eviction, runner killed, ms until it was verified as it was:', Math.round(performance.now() - killedAt));
    expect(await limit()).toBe(maxmemory);
    expect(await losesKeys()).toBe(false);
  });

  test('limit it from a record, and when the leader is killed another reverts from its journal', async () => {
    const injected = await limited();
    const pids = pidsOfPod(await leader());
    expect(pids.length).toBeGreaterThan(0);
    const killedAt = performance.now();
    killAll(pids);
    await until('its limit is as it was', async () => (await limit()) === maxmemory, 60_000);
    console.log('redis-eviction, leader killed, ms until it is as it was:', Math.round(performance.now() - killedAt));
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'restart' });
    expect(await losesKeys()).toBe(false);
  });
});

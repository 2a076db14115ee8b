import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type pg from 'pg';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { until } from '../../faults/until.ts';
import { killAll } from '../e2e/processes.ts';
import { openSandbox, type Sandbox } from '../faults/cluster.ts';
import { runDatabase, type Database } from '../faults/database.ts';
import { pidOfAgent, pidsOfAgent } from './agent-pids.ts';
import { inject } from './injected.ts';
import type { Injected } from './injected.ts';
import { installAgents } from './installed-agents.ts';
import type { InstalledAgents } from './installed-agents.ts';

jest.setTimeout(240_000);
let sandbox: Sandbox;
let database: Database;
let agents: InstalledAgents;
let server: pg.Client;
beforeAll(async () => {
  sandbox = await openSandbox();
  [database, agents] = await Promise.all([
    runDatabase(sandbox),
    installAgents(sandbox.api, `${sandbox.namespace}-agents`, sandbox.namespace),
  ]);
  server = await database.connect(5432);
});
afterAll(async () => {
  await server?.end();
  await agents?.remove();
  await sandbox.dispose();
});

const token = 'var/run/secrets/kubernetes.io/serviceaccount/token';
const leader = (): Promise<string> =>
  kubectl('-n', agents.namespace, 'get', 'lease', 'firedrill-cluster-agent', '-o', 'jsonpath={.spec.holderIdentity}');
const pidOf = async (program: string): Promise<number> => pidOfAgent(program, `HOSTNAME=${await leader()}`);
const hold = (): Promise<Injected> =>
  inject(agents.store, {
    fault: 'pool-exhaustion',
    agent: 'cluster',
    target: database.target('direct'),
    params: { connections: 10 },
  });
const held = async (): Promise<number> => {
  const { rows } = await server.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where application_name like 'firedrill-%-%'`,
  );
  return rows[0]?.n ?? 0;
};
const status = (pid: number, field: string): string | undefined =>
  new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
/** Proportional set size, MiB: what several processes share is divided among them. */
const shareOf = (pid: number): number =>
  Math.round(Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024);

describe('the runner of the cluster agent', () => {
  // First: the next life of an agent that was killed before would itself come late.
  test('that its kubelet starts later and later lets the replica lead that has one', async () => {
    const former = await leader();
    const reason = `jsonpath={.status.initContainerStatuses[?(@.name=="runner")].state.waiting.reason}`;
    const endRunner = (): void => killAll(pidsOfAgent('/agent/runner', `HOSTNAME=${former}`));
    const comesLate = async (): Promise<boolean> => {
      endRunner();
      return (await kubectl('-n', agents.namespace, 'get', 'pod', former, '-o', reason)) === 'CrashLoopBackOff';
    };
    await until('its kubelet waits', comesLate, 30_000);
    process.kill(await pidOf('/agent/cluster'), 'SIGKILL');
    const killedAt = performance.now();
    const anotherLeads = async (): Promise<boolean> => {
      // The pause may be over before the other leads: the former would have a runner again, and lead on.
      endRunner();
      return (await leader()) !== former;
    };
    await until('another leads', anotherLeads, 60_000);
    console.log('agent and runner killed, ms until the other leads:', Math.round(performance.now() - killedAt));
    const injected = await hold();
    await injected.reaches('active');
    console.log('agent and runner killed, ms until a fault of a helper is active:', Math.round(performance.now() - killedAt));
    await injected.revert();
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'asked' });
  });

  test('starts its helpers where no token is, without a privilege, and a fault is made true and false by one', async () => {
    const [agent, runner] = [await pidOf('/agent/cluster'), await pidOf('/agent/runner')];
    const alone = shareOf(runner);
    const injected = await hold();
    await injected.reaches('active');
    expect(await held()).toBe(10);
    const helper = await pidOf('/app/src/agent/pool-holder/main.js');

    expect(existsSync(`/proc/${agent}/root/${token}`)).toBe(true);
    expect(status(helper, 'PPid')).toBe(String(runner));
    for (const pid of [runner, helper]) {
      expect(existsSync(`/proc/${pid}/root/${token}`)).toBe(false);
      expect(existsSync(`/proc/${pid}/root/run/firedrill/runner.sock`)).toBe(true);
      expect([status(pid, 'CapBnd'), status(pid, 'CapEff')]).toEqual(Array(2).fill('0'.repeat(16)));
      expect([status(pid, 'NoNewPrivs'), status(pid, 'Seccomp'), status(pid, 'Uid')]).toEqual([
        '1',
        '2',
        Array(4).fill(65532).join('\t'),
      ]);
    }
    console.log('MiB, each its share:', { agent: shareOf(agent), runner: alone, helper: shareOf(helper) });

    await injected.revert();
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'asked' });
    expect(await held()).toBe(0);
  });

  test('that is killed takes what its helpers hold with it, and the next fault finds a runner again', async () => {
    const injected = await hold();
    await injected.reaches('active');
    const killedAt = performance.now();
    process.kill(await pidOf('/agent/runner'), 'SIGKILL');
    await until('no session is left', async () => (await held()) === 0, 5000);
    console.log('runner killed, ms until no session is left:', Math.round(performance.now() - killedAt));
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'guard' });
    console.log('runner killed, ms until its end is verified:', Math.round(performance.now() - killedAt));

    const next = await hold();
    await next.reaches('active');
    await next.revert();
    expect(await next.ends()).toMatchObject({ phase: 'reverted', cause: 'asked' });
  });

  test('ends the helper of an agent that is killed, and serves its next life', async () => {
    const injected = await hold();
    await injected.reaches('active');
    const runner = await pidOf('/agent/runner');
    process.kill(await pidOf('/agent/cluster'), 'SIGKILL');
    await until('no session is left', async () => (await held()) === 0, 5000);
    expect(await injected.ends()).toMatchObject({ phase: 'reverted', cause: 'restart' });
    expect(existsSync(`/proc/${runner}`)).toBe(true);
  });

  test('that stands still is ended by its kubelet, and what is due is reverted by the next', async () => {
    const injected = await hold();
    await injected.reaches('active');
    process.kill(await pidOf('/agent/runner'), 'SIGSTOP');
    const stoppedAt = performance.now();
    await injected.revert();
    expect((await injected.ends()).phase).toBe('reverted');
    console.log('runner stands still, ms until it is verified as it was:', Math.round(performance.now() - stoppedAt));
    expect(await held()).toBe(0);
  });
});

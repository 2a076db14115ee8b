import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type pg from 'pg';
import type { Fault } from '../../../src/faults/fault.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { faultInCluster } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { killPod, restartCount } from './container.ts';
import { runDatabase, type Database } from './database.ts';

jest.setTimeout(240_000);
let sandbox: Sandbox;
let database: Database;
let fault: Fault;
let server: pg.Client;
let pooler: pg.Client;
beforeAll(async () => {
  sandbox = await openSandbox();
  [database, fault] = await Promise.all([runDatabase(sandbox), faultInCluster(sandbox, 'pool-exhaustion')]);
  [server, pooler] = [await database.connect(5432), await database.connect(6432, 'pgbouncer')];
});
afterAll(async () => {
  await Promise.all([server?.end(), pooler?.end()]);
  await sandbox.dispose();
});

const atServer = async (): Promise<number> => {
  const { rows } = await server.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where application_name like 'firedrill-%-%'`,
  );
  return rows[0]?.n ?? 0;
};
const atPooler = async (): Promise<number> =>
  (await pooler.query<{ application_name: string }>('show clients')).rows.filter(({ application_name: name }) =>
    /^firedrill-.*-/.test(name),
  ).length;
const figures = async (what: string, column: string, key = 'postgres'): Promise<number> => {
  const { rows } = await pooler.query<Record<string, string>>(`show ${what}`);
  return Number(rows.find((row) => row['database'] === key || row['list'] === key)?.[column]);
};

faultContract('pool-exhaustion', async () => ({
  target: database.target('direct'),
  params: { connections: '75%' },
  fault,
  broken: async () => (await atServer()) > 10,
  dispose: () => until('no session is left', async () => (await atServer()) === 0),
}));

describe("pool-exhaustion by a cluster's agent", () => {
  test('directly, it is the server that gets full', async () => {
    const act = await begin(fault, database.target('direct'), { connections: 20 }, {});
    expect(act.evidence).toMatchObject({ present: true, data: { held: 20, layer: 'server', maxConnections: 30 } });
    expect(await atServer()).toBe(20);
    const reverted = await finish(act);
    expect(await atServer()).toBe(0);
    console.log('pool-exhaustion direct, ms:', { ...act.times, ...reverted.times });
  });

  test('through PgBouncer, idle sessions take the clients that it accepts, and nothing of the server', async () => {
    const act = await begin(fault, database.target('pooled'), { connections: 30 }, {});
    expect(act.evidence).toMatchObject({ present: true, data: { held: 30, layer: 'pooler-clients', maxConnections: 40 } });
    expect(act.evidence.summary).toMatch(/^30 of 40 clients of PgBouncer are held/);
    expect(await atPooler()).toBe(30);
    expect(await atServer()).toBe(0);
    const reverted = await finish(act);
    expect(await atPooler()).toBe(0);
    console.log('pool-exhaustion pooled idle, ms:', { ...act.times, ...reverted.times });
  });

  test.each(['idle-in-transaction', 'sleeping'])(
    'through PgBouncer, %s sessions take its pool, whose connections bear no setting of ours afterwards',
    async (mode) => {
      const act = await begin(fault, database.target('pooled'), { connections: 8, mode }, {});
      expect(act.evidence).toMatchObject({ present: true, data: { held: 8, layer: 'pooler-pool', maxConnections: 10 } });
      expect(await figures('pools', 'sv_active')).toBeGreaterThanOrEqual(8);
      const reverted = await finish(act);
      await until('the pool is free', async () => (await figures('pools', 'sv_active')) === 0);
      const other = await database.connect(6432);
      const { rows } = await other.query(`select current_setting('statement_timeout') s, current_setting('application_name') n`);
      await other.end();
      expect(rows).toEqual([{ s: '0', n: '' }]);
      console.log(`pool-exhaustion pooled ${mode}, ms:`, { ...act.times, ...reverted.times });
    },
  );

  test('a pooler that does not tell its figures is refused, with what to do', async () => {
    const prepared = fault.prepare(
      createContext('unheard-1-1'),
      database.target('unheard'),
      fault.params.parse({ connections: 5 }),
    );
    await expect(prepared).rejects.toThrow(/does not tell outsider what it has left.*stats_users/);
  });

  test("a Secret of another namespace than the target's is not read", async () => {
    const target = database.target('direct');
    const locator = { ...target.locator, connection: 'secret:firedrill/journal-1#undo' };
    const prepared = fault.prepare(createContext('other-1-1'), { ...target, locator }, fault.params.parse({ connections: 5 }));
    await expect(prepared).rejects.toMatchObject({ code: 'policy/denied' });
  });

  test('kill -9 of the agent ends its sessions, in whatever they do', async () => {
    for (const [kills, mode] of ['idle', 'sleeping'].entries()) {
      // The pooler still holds what an earlier test went through it with.
      await begin(fault, database.target('direct'), { connections: 10, mode }, {});
      const killedAt = performance.now();
      await killPod(sandbox, 'agent');
      await until('no session is left', async () => (await atServer()) === 0, 5000);
      console.log(
        `pool-exhaustion ${mode}: agent killed, all sessions gone after ${Math.round(performance.now() - killedAt)} ms`,
      );
      await until('it was started again', async () => (await restartCount(sandbox, 'agent')) > kills, 60_000);
      await faultInCluster(sandbox, 'pool-exhaustion');
    }
  });
});

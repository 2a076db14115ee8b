import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type pg from 'pg';
import type { Fault } from '../../../src/faults/fault.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { faultInCluster } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { killPod } from './container.ts';
import { runDatabase, type Database } from './database.ts';

jest.setTimeout(240_000);
const params = { hold: 'access-exclusive', table: 'public.payments' };
let sandbox: Sandbox;
let database: Database;
let fault: Fault;
let reader: pg.Client;
beforeAll(async () => {
  sandbox = await openSandbox();
  [database, fault] = await Promise.all([runDatabase(sandbox), faultInCluster(sandbox, 'query-lock')]);
  reader = await database.connect(5432);
  await reader.query(`create table payments (id int); set lock_timeout = '100ms'`);
});
afterAll(async () => {
  await reader?.end();
  await sandbox.dispose();
});

const waits = (): Promise<boolean> =>
  reader.query('select * from payments').then(
    () => false,
    (error: { code?: string }) => error.code === '55P03',
  );

faultContract('query-lock', async () => ({
  target: database.target('direct'),
  params,
  fault,
  broken: waits,
  dispose: () => until('the table can be read', async () => !(await waits())),
}));

test("a query waits as long as the cluster's agent holds the lock, and no longer", async () => {
  const act = await begin(fault, database.target('direct'), params, {});
  const other = await database.connect(5432);
  const queued = other.query('select * from payments').then(() => act.elapsedMs());
  await until('it waits', async () => (await fault.verify(act.context, act.target, act.params, act.undo)).data['waiting'] === 1);
  const askedAt = act.elapsedMs();
  const reverted = await finish(act);
  const freeAfterMs = (await queued) - askedAt;
  await other.end();
  console.log('query-lock, ms:', { ...act.times, ...reverted.times, freeAfterMs });
  expect(await waits()).toBe(false);
});

test('through a pooler it is refused: the lock would be held by a session of everybody', async () => {
  const prepared = fault.prepare(createContext('pooled-1-1'), database.target('pooled'), fault.params.parse(params));
  await expect(prepared).rejects.toMatchObject({ code: 'policy/denied' });
});

test('kill -9 of the agent frees the table', async () => {
  await begin(fault, database.target('direct'), params, {});
  expect(await waits()).toBe(true);
  const killedAt = performance.now();
  await killPod(sandbox, 'agent');
  await until('the table can be read', async () => !(await waits()), 5000);
  console.log(`query-lock: agent killed, table free after ${Math.round(performance.now() - killedAt)} ms`);
});

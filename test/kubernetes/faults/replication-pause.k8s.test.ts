import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type pg from 'pg';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { faultInCluster } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { killPod, restartCount } from './container.ts';
import { runDatabase } from './database.ts';

jest.setTimeout(240_000);
let sandbox: Sandbox;
let fault: Fault;
let target: TargetRef;
let writer: pg.Client;
let reader: pg.Client;
beforeAll(async () => {
  sandbox = await openSandbox();
  const [database, inCluster] = await Promise.all([runDatabase(sandbox), faultInCluster(sandbox, 'replication-pause')]);
  fault = inCluster;
  writer = await database.connect(5432);
  await writer.query('create table payments (id int)');
  ({ target, reader } = await database.follow());
});
afterAll(async () => {
  await Promise.all([reader?.end(), writer?.end()]);
  await sandbox.dispose();
});

let lastId = 0;
/** Whether a row that is written is read from the replica within a moment, as an application would. */
async function isStale(): Promise<boolean> {
  const id = (lastId += 1);
  await writer.query('insert into payments values ($1)', [id]);
  const read = async (): Promise<boolean> => (await reader.query('select from payments where id = $1', [id])).rowCount === 1;
  return until('it is read', read, 3000).then(
    () => false,
    () => true,
  );
}

faultContract('replication-pause', async () => ({
  target,
  params: {},
  fault,
  broken: isStale,
  dispose: () => until('it follows', async () => !(await isStale()), 20_000),
}));

test('the replica falls behind, and has caught up when it counts as reverted', async () => {
  const act = await begin(fault, target, {}, {});
  expect(await isStale()).toBe(true);
  const reverted = await finish(act);
  console.log('replication-pause, ms:', { ...act.times, ...reverted.times }, reverted.evidence.summary);
  expect(await isStale()).toBe(false);
});

test('a pause outlives its agent, and the one that takes its place ends it', async () => {
  const act = await begin(fault, target, {}, {});
  await killPod(sandbox, 'agent');
  expect(await isStale()).toBe(true);
  await until('it was started again', async () => (await restartCount(sandbox, 'agent')) > 0, 60_000);
  await faultInCluster(sandbox, 'replication-pause');
  await finish({ ...act, context: createContext(act.context.injectionId) });
  expect(await isStale()).toBe(false);
});

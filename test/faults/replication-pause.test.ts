import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { replicationPause } from '../../src/faults/replication-pause.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { startPostgres, type TestPostgres } from './subjects/postgres.ts';
import { until } from './until.ts';

let primary: TestPostgres;
let replica: TestPostgres;
let writer: pg.Client;
let reader: pg.Client;
beforeAll(async () => {
  primary = await startPostgres();
  writer = await connect(primary);
  await writer.query('create table payments (id int, note text)');
  replica = await startPostgres(primary);
  reader = await connect(replica);
}, 60_000);
afterAll(async () => {
  await Promise.all([reader?.end(), writer?.end()]);
  await replica?.dispose();
  await primary?.dispose();
});

async function connect({ dsn }: TestPostgres): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: dsn });
  client.on('error', () => {});
  await client.connect();
  return client;
}

let lastId = 0;
/** Writes a row. Whether it is read from the replica, as an application would read it. */
async function write(): Promise<() => Promise<boolean>> {
  const id = (lastId += 1);
  await writer.query('insert into payments values ($1)', [id]);
  return async () => (await reader.query('select from payments where id = $1', [id])).rowCount === 1;
}
const follows = async (): Promise<void> => until('what is written is read', await write());
/** Not read for longer than a busy machine keeps a replica that follows. */
async function isStale(): Promise<boolean> {
  return until('it is read', await write(), 3000).then(
    () => false,
    () => true,
  );
}

faultContract('replication-pause', async () => ({
  target: replica.target,
  params: {},
  broken: isStale,
  dispose: follows,
}));

describe('replication-pause', () => {
  const begin = async (id: string, written: object) => {
    const context = createContext(id);
    const params = replicationPause.params.parse(written);
    const undo = await replicationPause.prepare(context, replica.target, params);
    await replicationPause.arm?.(context, replica.target, params, undo);
    await replicationPause.inject(context, replica.target, params, undo);
    await until('it is paused', async () => (await replicationPause.verify(context, replica.target, params, undo)).present);
    return { context, params, undo };
  };

  test('how far it is behind is read, and it counts as reverted when it has caught up', async () => {
    const { context, params, undo } = await begin('lag-1-1', {});
    await writer.query(`insert into payments select -id, repeat('x', 500) from generate_series(1, 20000) id`);
    const lag = async () => (await replicationPause.verify(context, replica.target, params, undo)).data['lagBytes'];
    await until('the log waits', async () => Number(await lag()) > 8 * 2 ** 20);
    await replicationPause.revert(context, replica.target, undo);
    const left = () => replicationPause.verifyReverted(context, replica.target, undo);
    await until('it has caught up', async () => !(await left()).present);
    expect((await left()).data['lagBytes']).toBeLessThan(2 ** 20);
    await follows();
  });

  test('it is resumed when more log waits than is allowed, and is not paused again', async () => {
    const { context, params, undo } = await begin('bound-1-1', { maxLag: '2MiB' });
    expect(await replicationPause.hold?.(context, replica.target, params, undo)).toBeUndefined();
    expect(await isStale()).toBe(true);
    await writer.query(`insert into payments select -id, repeat('x', 500) from generate_series(1, 20000) id`);
    const words: (string | undefined)[] = [];
    const isRead = await write();
    await until('it was resumed', async () => {
      words.push(await replicationPause.hold?.(context, replica.target, params, undo));
      return isRead();
    });
    expect(words).toContainEqual(expect.stringMatching(/bytes of log waited, and maxLag is 2097152/));
    expect(await replicationPause.verify(context, replica.target, params, undo)).toMatchObject({ present: false });
    await replicationPause.revert(context, replica.target, undo);
  });

  test('a server that follows none, one that is paused already, and a role that may not are refused', async () => {
    const params = replicationPause.params.parse({});
    const prepare = (target: TestPostgres['target']) => replicationPause.prepare(createContext('no-1-1'), target, params);
    await expect(prepare(primary.target)).rejects.toMatchObject({ code: 'target/none' });
    await primary.targetOf('onlooker');
    const known = async () => (await reader.query(`select from pg_roles where rolname = 'onlooker'`)).rowCount === 1;
    await until('its role is there', known);
    await expect(prepare(await replica.targetFor('onlooker'))).rejects.toThrow(/role onlooker may not pause/);
    await reader.query('select pg_wal_replay_pause()');
    await expect(prepare(replica.target)).rejects.toThrow(/paused already/);
    await reader.query('select pg_wal_replay_resume()');
  });

  test('where nobody answers nothing is said to be reverted', async () => {
    const dying = await startPostgres(primary);
    const context = createContext('gone-1-1');
    const params = replicationPause.params.parse({});
    const undo = await replicationPause.prepare(context, dying.target, params);
    dying.stop();
    await expect(replicationPause.verifyReverted(context, dying.target, undo)).rejects.toMatchObject({
      code: 'upstream/unreachable',
    });
    await dying.dispose();
  });

  test.each([{ maxLag: '0B' }, { maxLag: 'much' }])('%j is refused', (written) => {
    expect(replicationPause.params.safeParse(written).success).toBe(false);
  });
});

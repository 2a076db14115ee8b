import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { queryLock } from '../../src/faults/query-lock.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { helperOf } from './own-helpers.ts';
import { startPostgres, type TestPostgres } from './subjects/postgres.ts';
import { until } from './until.ts';

let server: TestPostgres;
let watcher: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  watcher = new pg.Client({ connectionString: server.dsn });
  watcher.on('error', () => {});
  await watcher.connect();
  await watcher.query('create table payments (id int); insert into payments values (1)');
  // Who reads it is kept waiting by a lock: that is how a test sees one.
  await watcher.query("set lock_timeout = '100ms'");
});
afterAll(async () => {
  await watcher.end();
  await server.dispose();
});

const waits = (statement: string): Promise<boolean> =>
  watcher.query(statement).then(
    () => false,
    (error: { code?: string }) => error.code === '55P03',
  );

faultContract('query-lock', async () => ({
  target: server.target,
  params: { hold: 'access-exclusive', table: 'public.payments' },
  broken: () => waits('select * from payments'),
  dispose: () => until('the table can be read', async () => !(await waits('select * from payments'))),
}));

describe('query-lock', () => {
  const begin = async (id: string, written: object) => {
    const context = createContext(id);
    const params = queryLock.params.parse(written);
    const undo = await queryLock.prepare(context, server.target, params);
    await queryLock.arm?.(context, server.target, params, undo);
    const inject = () => queryLock.inject(context, server.target, params, undo);
    return {
      inject,
      verify: () => queryLock.verify(context, server.target, params, undo),
      revert: () => queryLock.revert(context, server.target, undo),
    };
  };

  test.each([
    { hold: 'access-exclusive', reads: true, writes: true },
    { hold: 'exclusive', reads: false, writes: true },
    { hold: 'share', reads: false, writes: true },
  ])('$hold keeps others from what it says, and counts who waits', async ({ hold, reads, writes }) => {
    const act = await begin(`mode-${hold}-1`, { hold, table: 'public.payments' });
    await act.inject();
    expect(await waits('select * from payments')).toBe(reads);
    expect(await waits('insert into payments values (2)')).toBe(writes);
    const other = new pg.Client({ connectionString: server.dsn });
    await other.connect();
    const queued = other.query('insert into payments values (3)');
    await until('one waits', async () => (await act.verify()).data['waiting'] === 1);
    await act.revert();
    await queued;
    await other.end();
  });

  test('a transaction that is left open keeps its snapshot, and locks no table', async () => {
    const act = await begin('open-1-1', { hold: 'transaction' });
    await act.inject();
    const { rows } = await watcher.query(
      `select backend_xmin is not null as kept from pg_stat_activity where application_name = 'firedrill-open-1-1'`,
    );
    expect(rows).toEqual([{ kept: true }]);
    expect(await waits('insert into payments values (4)')).toBe(false);
    expect(await act.verify()).toMatchObject({ present: true, data: { held: 1, lock: null } });
    await act.revert();
  });

  test('the server ends a transaction of which it hears no more, whatever became of our machine', async () => {
    const act = await begin('unheard-1-1', { hold: 'access-exclusive', table: 'public.payments' });
    await act.inject();
    const { rows } = await watcher.query(
      `select pid from pg_stat_activity where application_name = 'firedrill-unheard-1-1' and state like 'idle in%'`,
    );
    expect(rows).toHaveLength(1);
    // Its helper stands still, with its socket open: nothing is said and nothing is closed.
    const frozen = helperOf('lock-holder');
    process.kill(frozen, 'SIGSTOP');
    try {
      await until('the table can be read', async () => !(await waits('select * from payments')), 8000);
    } finally {
      process.kill(frozen, 'SIGCONT');
    }
    await act.revert();
  });

  test('it stays held beyond the time after which an unheard one ends', async () => {
    const act = await begin('heard-1-1', { hold: 'share', table: 'public.payments' });
    await act.inject();
    await until('it is older', async () => Number((await act.verify()).data['seconds']) > 6);
    expect(await act.verify()).toMatchObject({ present: true, data: { lock: 'ShareLock' } });
    await act.revert();
  });

  test('it is looked at with new eyes when somebody ended its observer, and what was ended is seen to be', async () => {
    const act = await begin('eyes-1-1', { hold: 'transaction' });
    await act.inject();
    const end = (name: string) =>
      watcher.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [name]);
    await end('firedrill-observer');
    await until('it is seen again', () =>
      act.verify().then(
        ({ present }) => present,
        () => false,
      ),
    );
    await end('firedrill-eyes-1-1');
    await until('it is seen to be gone', async () => !(await act.verify()).present);
    expect((await act.verify()).gaveBack).toBeUndefined();
    await act.revert();
  });

  test("that its helper died is nobody's credit", async () => {
    const act = await begin('died-1-1', { hold: 'transaction' });
    await act.inject();
    process.kill(helperOf('lock-holder'), 'SIGKILL');
    await until('its end is heard', () =>
      act.verify().then(
        ({ present }) => !present,
        () => false,
      ),
    );
    expect(await act.verify()).toMatchObject({ present: false, gaveBack: expect.stringContaining('helper lock-holder ended') });
    await act.revert();
  });

  test('a lock that others keep is not waited for longer than told, and leaves no one queued', async () => {
    const other = new pg.Client({ connectionString: server.dsn });
    await other.connect();
    await other.query('begin; lock table payments in share mode');
    const act = await begin('late-1-1', { hold: 'access-exclusive', table: 'public.payments', wait: '300ms' });
    await expect(act.inject()).rejects.toMatchObject({ code: 'fault/inject-failed' });
    expect(await waits('select * from payments')).toBe(false);
    await other.end();
    await act.revert();
  });

  test.each([
    ['public.nothing', 'target/none'],
    ['pg_catalog.pg_class', 'policy/denied'],
  ])('%s is refused', async (table, code) => {
    await expect(begin('refused-1-1', { hold: 'share', table })).rejects.toMatchObject({ code });
  });

  test('a role that may not lock the table is refused before anything waits', async () => {
    const reader = await server.targetOf('reader');
    const params = queryLock.params.parse({ hold: 'access-exclusive', table: 'public.payments' });
    await expect(queryLock.prepare(createContext('reader-1-1'), reader, params)).rejects.toThrow(/reader may not lock/);
  });

  test.each([
    {},
    { hold: 'share' },
    { hold: 'transaction', table: 'a.b' },
    { hold: 'share', table: 'a' },
    { hold: 'share', table: 'a.b;c' },
  ])('%j is refused', (written) => {
    expect(queryLock.params.safeParse(written).success).toBe(false);
  });
});

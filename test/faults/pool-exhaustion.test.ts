import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { poolExhaustion } from '../../src/faults/pool-exhaustion.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { helperOf } from './own-helpers.ts';
import { maxConnections, startPostgres, type TestPostgres } from './subjects/postgres.ts';
import { until } from './until.ts';

let server: TestPostgres;
let watcher: pg.Client;
beforeAll(async () => {
  server = await startPostgres();
  watcher = new pg.Client({ connectionString: server.dsn });
  watcher.on('error', () => {});
  await watcher.connect();
});
afterAll(async () => {
  await watcher.end();
  await server.dispose();
});

async function held(state = '%'): Promise<number> {
  const { rows } = await watcher.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where application_name like 'firedrill-%-%' and state like $1`,
    [state],
  );
  return rows[0]?.n ?? 0;
}

faultContract('pool-exhaustion', async () => ({
  target: server.target,
  params: { connections: '75%' },
  broken: async () => (await held()) >= 10,
  dispose: () => until('no session is left', async () => (await held()) === 0),
}));

describe('pool-exhaustion', () => {
  test('the connection string never enters the undo', async () => {
    const undo = await poolExhaustion.prepare(
      createContext('secret-1-1'),
      server.target,
      poolExhaustion.params.parse({ connections: 3 }),
    );
    expect(JSON.stringify(undo)).not.toContain('postgres://');
    expect(undo).toMatchObject({ sessions: 3, maxConnections });
  });

  test.each(['100%', maxConnections])('what the policy keeps for others is never taken: %s', async (connections) => {
    const params = poolExhaustion.params.parse({ connections });
    await expect(poolExhaustion.prepare(createContext('keep-1-1'), server.target, params)).rejects.toMatchObject({
      code: 'policy/denied',
    });
  });

  test.each([
    ['idle', 'idle'],
    ['idle-in-transaction', 'idle in transaction'],
    ['sleeping', 'active'],
  ])('%s sessions are seen by the server as %s', async (mode, state) => {
    const context = createContext('mode-1-1');
    const params = poolExhaustion.params.parse({ connections: 4, mode });
    const undo = await poolExhaustion.prepare(context, server.target, params);
    await poolExhaustion.inject(context, server.target, params, undo);
    await until('all are in their state', async () => (await held(state)) === 4);
    await poolExhaustion.revert(context, server.target, undo);
    await until('all are gone', async () => (await held()) === 0);
  });

  test('sessions of another injection and of the application are left alone by a revert', async () => {
    const [ours, theirs] = [createContext('ours-1-1'), createContext('theirs-1-1')];
    const params = poolExhaustion.params.parse({ connections: 2 });
    const undo = await poolExhaustion.prepare(ours, server.target, params);
    const undoOfTheirs = await poolExhaustion.prepare(theirs, server.target, params);
    await poolExhaustion.inject(ours, server.target, params, undo);
    await poolExhaustion.inject(theirs, server.target, params, undoOfTheirs);
    await poolExhaustion.revert(ours, server.target, undo);
    await until('ours are gone', async () => (await held()) === 2);
    expect(await poolExhaustion.verify(theirs, server.target, params, undoOfTheirs)).toMatchObject({
      present: true,
      data: { held: 2, lost: 0 },
    });
    expect(await held()).toBe(2);
    await poolExhaustion.revert(theirs, server.target, undoOfTheirs);
  });

  test('a ramp takes them step by step, only when it is told to, and never more than planned', async () => {
    const context = createContext('ramp-1-1');
    const params = poolExhaustion.params.parse({ connections: 5, ramp: '3s' });
    const undo = await poolExhaustion.prepare(context, server.target, params);
    await poolExhaustion.inject(context, server.target, params, undo);
    const seen = [await held()];
    expect(await poolExhaustion.verify(context, server.target, params, undo)).toMatchObject({ present: true, data: { held: 2 } });
    for (let step = 0; step < 3; step += 1) {
      await poolExhaustion.adjust?.(context, server.target, params, undo);
      seen.push(await held());
    }
    expect(seen).toEqual([2, 4, 5, 5]);
    await poolExhaustion.revert(context, server.target, undo);
    await until('all are gone', async () => (await held()) === 0);
  });

  test.each(['idle', 'sleeping'])(
    '%s sessions give way when others come, so that the reserve is kept, and come back',
    async (mode) => {
      const context = createContext('give-1-1', { pool: { reserveConnections: 4 } });
      const params = poolExhaustion.params.parse({ connections: 8, mode });
      const undo = await poolExhaustion.prepare(context, server.target, params);
      await poolExhaustion.inject(context, server.target, params, undo);
      const free = undo['availableBefore'] - 8;
      const others = Array.from({ length: free }, () => new pg.Client({ connectionString: server.dsn }));
      await Promise.all(others.map((other) => other.connect()));
      await until('the reserve is free again', async () => (await held()) === 4);
      expect(await poolExhaustion.verify(context, server.target, params, undo)).toMatchObject({
        present: true,
        data: { held: 4, givenBack: 4, lost: 0 },
      });
      await Promise.all(others.map((other) => other.end()));
      await until('what was given back is held again', async () => (await held()) === 8);
      await poolExhaustion.revert(context, server.target, undo);
      await until('all are gone', async () => (await held()) === 0);
    },
  );

  test('an ordinary role counts the sessions of others too, so that it keeps the reserve', async () => {
    const ordinary = await server.targetOf('ordinary');
    const params = poolExhaustion.params.parse({ connections: 2 });
    const theirs = await poolExhaustion.prepare(createContext('ordinary-1-1'), ordinary, params);
    const ours = await poolExhaustion.prepare(createContext('super-1-1'), server.target, params);
    expect(theirs['availableBefore']).toBe(ours['availableBefore']);
  });

  test.each([
    [
      'nothing is held, for nobody would keep the reserve; nobody has lifted it',
      'firedrill-observer',
      /helper pool-holder ended/,
    ],
    ['and when all its sessions were ended too, that is somebody’s doing', 'firedrill-%', undefined],
  ])('without its observer %s', async (_, ended, gaveBack) => {
    const context = createContext('blind-1-1');
    const params = poolExhaustion.params.parse({ connections: 3 });
    const undo = await poolExhaustion.prepare(context, server.target, params);
    await poolExhaustion.inject(context, server.target, params, undo);
    await watcher.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like $1`, [ended]);
    await until('they are gone', async () => (await held()) === 0);
    const look = () => poolExhaustion.verify(context, server.target, params, undo);
    // A look through what was ended is none.
    const isToldAbsent = () =>
      look().then(
        ({ present }) => !present,
        () => false,
      );
    await until('that is told', isToldAbsent);
    expect((await look()).gaveBack).toEqual(gaveBack === undefined ? undefined : expect.stringMatching(gaveBack));
    await poolExhaustion.revert(context, server.target, undo);
  });

  test("that its helper died, or that others needed all of it, is nobody's credit", async () => {
    const context = createContext('died-1-1', { pool: { reserveConnections: 4 } });
    const params = poolExhaustion.params.parse({ connections: 4 });
    const undo = await poolExhaustion.prepare(context, server.target, params);
    await poolExhaustion.inject(context, server.target, params, undo);
    const others = Array.from({ length: undo['availableBefore'] - 4 }, () => new pg.Client({ connectionString: server.dsn }));
    await Promise.all(others.map((other) => other.connect()));
    await until('all are given back', async () => (await held()) === 0);
    expect(await poolExhaustion.verify(context, server.target, params, undo)).toMatchObject({
      present: false,
      gaveBack: 'others needed all connections of PostgreSQL but the reserve',
    });
    await Promise.all(others.map((other) => other.end()));
    await until('they are held again', async () => (await held()) === 4);

    process.kill(helperOf('pool-holder'), 'SIGKILL');
    await until('they are gone with it', async () => (await held()) === 0);
    expect(await poolExhaustion.verify(context, server.target, params, undo)).toMatchObject({
      present: false,
      gaveBack: expect.stringContaining('helper pool-holder ended'),
    });
    await poolExhaustion.revert(context, server.target, undo);
  });

  test('sessions that a responder ended are not opened again', async () => {
    const context = createContext('responder-1-1');
    const params = poolExhaustion.params.parse({ connections: 3 });
    const undo = await poolExhaustion.prepare(context, server.target, params);
    await poolExhaustion.inject(context, server.target, params, undo);
    await watcher.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'firedrill-resp%'`);
    await until('they are gone', async () => (await held()) === 0);
    const look = () => poolExhaustion.verify(context, server.target, params, undo);
    await until('the end of each is heard', async () => (await look()).data['lost'] === 3);
    const read = await look();
    expect(read).toMatchObject({ present: false, data: { held: 0 } });
    expect(read.gaveBack).toBeUndefined();
    await poolExhaustion.revert(context, server.target, undo);
  });

  test.each([{}, { connections: 0 }, { connections: '0%' }, { connections: 3, mode: 'busy' }, { connections: 3, ramp: '5' }])(
    '%j is refused',
    (written) => {
      expect(poolExhaustion.params.safeParse(written).success).toBe(false);
    },
  );
});

describe('pool-exhaustion on a server that dies', () => {
  test('its sessions are gone with it, and a revert is verified', async () => {
    const dying = await startPostgres();
    const context = createContext('dying-1-1');
    const params = poolExhaustion.params.parse({ connections: 3 });
    const undo = await poolExhaustion.prepare(context, dying.target, params);
    await poolExhaustion.inject(context, dying.target, params, undo);
    dying.stop();
    await poolExhaustion.revert(context, dying.target, undo);
    expect(await poolExhaustion.verifyReverted(context, dying.target, undo)).toMatchObject({ present: false });
    await dying.dispose();
  });
});

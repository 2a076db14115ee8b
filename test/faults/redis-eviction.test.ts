import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { redisEviction } from '../../src/faults/redis-eviction.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { startRedis, type TestRedis } from './subjects/redis.ts';
import { until } from './until.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis('--maxmemory', '512mb', '--maxmemory-policy', 'allkeys-lru');
}, 60_000);
afterAll(() => redis?.dispose());

const value = 'x'.repeat(4000);
let lastKey = 0;
async function write(count: number): Promise<void> {
  const keys = Array.from({ length: count }, () => `key:${(lastKey += 1)}`);
  await Promise.all(keys.map((key) => redis.client.set(key, value)));
}
/** Whether a cache that takes more loses what it had, as its application would see it. */
async function losesKeys(): Promise<boolean> {
  const before = await redis.client.dbSize();
  await write(200);
  return (await redis.client.dbSize()) < before + 200;
}
const settings = async (): Promise<unknown> => Promise.all(['maxmemory', 'maxmemory-policy'].map(setting));
const setting = async (name: string): Promise<unknown> =>
  (await redis.client.sendCommand<[string, string]>(['CONFIG', 'GET', name]))[1];

const asItWas = async (): Promise<void> => {
  await redis.client.configSet({ maxmemory: String(512 * 2 ** 20), 'maxmemory-policy': 'allkeys-lru' });
  await redis.client.flushAll();
};

faultContract('redis-eviction', async () => {
  await write(3000);
  return { target: redis.target, params: { maxmemory: '80%' }, broken: losesKeys, dispose: asItWas };
});

describe('redis-eviction', () => {
  beforeEach(() => write(3000));
  afterEach(asItWas);

  let lastId = 0;
  const start = async (written: JsonObject) => {
    const context = createContext(`evict-${(lastId += 1)}`);
    const params = redisEviction.params.parse(written);
    const undo = await redisEviction.prepare(context, redis.target, params);
    const act = {
      undo,
      inject: async () => {
        await redisEviction.arm?.(context, redis.target, params, undo);
        await redisEviction.inject(context, redis.target, params, undo);
      },
      seen: () => redisEviction.verify(context, redis.target, params, undo),
      hold: async () => redisEviction.hold?.(context, redis.target, params, undo),
      revert: () => redisEviction.revert(context, redis.target, undo),
      left: () => redisEviction.verifyReverted(context, redis.target, undo),
    };
    return act;
  };
  const begin = async (written: JsonObject) => {
    const act = await start(written);
    await act.inject();
    await until('it evicts', async () => (await act.seen()).present);
    return act;
  };
  const refusal = (written: JsonObject) => expect(start(written)).rejects;

  test('the keys that were evicted are counted from when the limit was set, and both settings come back as they were', async () => {
    const act = await begin({ maxmemory: '80%', policy: 'allkeys-random' });
    expect(await setting('maxmemory-policy')).toBe('allkeys-random');
    const isBelow = ({ usedBytes, maxBytes }: JsonObject): boolean => Number(usedBytes) <= Number(maxBytes) * 1.01;
    await until('it is below its limit', async () => isBelow((await act.seen()).data));
    const { data } = await act.seen();
    expect(data['evictedKeys']).toBe(3000 - (await redis.client.dbSize()));
    expect(data['evictedKeys']).toBeGreaterThan(300);
    await act.revert();
    expect(await act.left()).toMatchObject({ present: false, data: { changedByOthers: [] } });
    expect(await settings()).toEqual([String(512 * 2 ** 20), 'allkeys-lru']);
  });

  test('a limit above what is used counts as set, says that nothing was evicted yet, and evicts what is written beyond it', async () => {
    const act = await begin({ maxmemory: '24MiB' });
    const { summary, data } = await act.seen();
    expect(summary).toMatch(/0 keys evicted, none yet/);
    expect(data).toMatchObject({ evictedKeys: 0, keys: 3000 });
    await write(4000);
    expect(Number((await act.seen()).data['evictedKeys'])).toBeGreaterThan(100);
    await act.revert();
    expect(await losesKeys()).toBe(false);
  });

  test('what somebody else set meanwhile is said, is no effect of ours, and stays', async () => {
    const act = await begin({ maxmemory: '80%', policy: 'allkeys-random' });
    await redis.client.configSet('maxmemory', String(300 * 2 ** 20));
    expect(await act.seen()).toMatchObject({ present: false, summary: expect.stringContaining('maxmemory is 314572800') });
    await act.revert();
    expect(await settings()).toEqual([String(300 * 2 ** 20), 'allkeys-lru']);
    expect(await act.left()).toMatchObject({
      present: false,
      summary: expect.stringContaining("somebody's later change stays: maxmemory (was 536870912)"),
      data: { changedByOthers: ['maxmemory'] },
    });
  });

  test('what somebody else set before it began stops it', async () => {
    const act = await start({ maxmemory: '80%' });
    await redis.client.configSet('maxmemory', String(300 * 2 ** 20));
    await expect(act.inject()).rejects.toThrow(/was changed by somebody meanwhile: maxmemory/);
    await act.revert();
    expect(await setting('maxmemory')).toBe(String(300 * 2 ** 20));
  });

  test('the limit is given back when writes are refused, and is not when that is on purpose', async () => {
    await redis.client.set('key:1', value, { expiration: { type: 'EX', value: 600 } });
    const act = await begin({ maxmemory: '100%', policy: 'volatile-ttl' }).catch(() => null);
    expect(act).not.toBeNull();
    expect(await act!.hold()).toBeUndefined();
    expect(await setting('maxmemory-policy')).toBe('volatile-ttl');
    await expect(write(500)).rejects.toThrow(/OOM/);
    expect(await act!.hold()).toMatch(/writes were refused/);
    expect(await settings()).toEqual([String(512 * 2 ** 20), 'allkeys-lru']);
    expect((await act!.seen()).present).toBe(false);
    await act!.revert();

    const wanted = await begin({ maxmemory: '80%', policy: 'noeviction', allowOom: true });
    await expect(write(1)).rejects.toThrow(/OOM/);
    await wanted.hold();
    expect((await wanted.seen()).data).toMatchObject({ evictedKeys: 0, keys: await redis.client.dbSize() });
    expect(Number((await wanted.seen()).data['refusedWrites'])).toBeGreaterThan(0);
    await wanted.revert();
    await write(1);
  });

  test('a server that would refuse writes, or lose more than the floor, is spared', async () => {
    await refusal({ maxmemory: '20%' }).toThrow(/floor/);
    await refusal({ maxmemory: '600MiB' }).toMatchObject({ code: 'target/none' });
    await refusal({ maxmemory: '80%', policy: 'volatile-lru' }).toThrow(/only keys with an expiry/);
    await redis.client.configSet('maxmemory-policy', 'noeviction');
    await refusal({ maxmemory: '80%' }).toMatchObject({ code: 'policy/denied' });
    expect(await settings()).toEqual([String(512 * 2 ** 20), 'noeviction']);
  });

  test('a replica, a user that may not set, and a connection that is none are refused with words, and none of them with the password', async () => {
    const prepare = async (target: TestRedis['target']) =>
      redisEviction.prepare(createContext('no-1-1'), target, redisEviction.params.parse({ maxmemory: '80%' }));
    await redis.client.sendCommand(['ACL', 'SETUSER', 'onlooker', 'on', '>secret-1', '+info', '+config|get']);
    const message = await prepare(await redis.targetFor('onlooker', 'secret-1')).catch(String);
    expect(message).toMatch(/does not let us use CONFIG SET/);
    expect(message).not.toMatch(/secret-1/);
    await expect(prepare(await redis.targetFor('onlooker', 'wrong-1'))).rejects.toMatchObject({ code: 'upstream/refused' });
    await redis.client.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
    await expect(prepare(redis.target)).rejects.toThrow(/is a replica/);
    await redis.client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
  });

  test('where CONFIG has another name it is refused with words', async () => {
    const renamed = await startRedis('--rename-command', 'CONFIG', '');
    const params = redisEviction.params.parse({ maxmemory: '80%' });
    await expect(redisEviction.prepare(createContext('no-2-1'), renamed.target, params)).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringContaining('unknown command'),
    });
    await renamed.dispose();
  });

  test('where nobody answers nothing is said to be reverted', async () => {
    const dying = await startRedis('--maxmemory-policy', 'allkeys-lru');
    const context = createContext('gone-1-1');
    const undo = await redisEviction.prepare(
      context,
      dying.target,
      redisEviction.params.parse({ maxmemory: '90%', floor: '0%' }),
    );
    await dying.stop();
    await expect(redisEviction.revert(context, dying.target, undo)).rejects.toMatchObject({ code: 'upstream/unreachable' });
    await dying.dispose();
  });

  test.each([
    { maxmemory: '0%' },
    { maxmemory: '0B' },
    { maxmemory: '120%' },
    { maxmemory: '80%', policy: 'all' },
    { policy: 'allkeys-lru' },
  ])('%j is refused', (written) => {
    expect(redisEviction.params.safeParse(written).success).toBe(false);
  });
});

import { describe, expect, test } from '@jest/globals';
import { figuresOf } from '../../../src/agent/redis-limiter/figures.ts';

const info = (lines: readonly string[]): string => lines.join('\r\n');

describe('what a Redis says of its memory', () => {
  test('what is held against its limit is without the buffers of replicas, and keys are those of all databases', () => {
    const text = info([
      '# Memory',
      'used_memory:11000000',
      'used_memory_startup:900000',
      'mem_not_counted_for_evict:1000000',
      '# Stats',
      'evicted_keys:7',
      '# Replication',
      'role:master',
      '# Errorstats',
      'errorstat_OOM:count=3',
      '# Keyspace',
      'db0:keys=10,expires=4,avg_ttl=0',
      'db12:keys=5,expires=1,avg_ttl=9',
    ]);
    expect(figuresOf(text)).toEqual({
      primary: true,
      usedBytes: 10_000_000,
      startupBytes: 900_000,
      keys: 15,
      expiringKeys: 5,
      evictedKeys: 7,
      countsRefusals: true,
      refusedWrites: 3,
    });
  });

  test('a server that counts no refused writes says so: none counted is not none', () => {
    expect(figuresOf(info(['role:slave', 'used_memory:5']))).toMatchObject({ primary: false, keys: 0, countsRefusals: false });
  });
});

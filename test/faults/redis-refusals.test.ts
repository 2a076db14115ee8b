import { expect, test } from '@jest/globals';
import { refuseUnsafeLimit } from '../../src/faults/shared/redis-refusals.ts';

const mebibyte = 2 ** 20;
const look = (countsRefusals: boolean) => ({
  settings: { maxmemory: '0', 'maxmemory-policy': 'allkeys-lru' },
  figures: {
    primary: true,
    usedBytes: 10 * mebibyte,
    startupBytes: mebibyte,
    keys: 100,
    expiringKeys: 0,
    evictedKeys: 0,
    countsRefusals,
    refusedWrites: 0,
  },
});
const wanted = { maxBytes: 9 * mebibyte, policy: null, floorRatio: 0.5, allowOom: false };

test('a Redis that counts no refused writes is limited only where they may be refused', () => {
  expect(() => refuseUnsafeLimit('redis shop/cache', look(true), wanted)).not.toThrow();
  expect(() => refuseUnsafeLimit('redis shop/cache', look(false), wanted)).toThrow(/does not count the writes that it refuses/);
  expect(() => refuseUnsafeLimit('redis shop/cache', look(false), { ...wanted, allowOom: true })).not.toThrow();
});

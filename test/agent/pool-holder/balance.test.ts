import { expect, test } from '@jest/globals';
import { sessionsToOpen, type Balance } from '../../../src/agent/pool-holder/balance.ts';

const balance: Balance = { aim: 10, lost: 0, held: 0, available: 20, reserve: 5 };

test.each<[string, Partial<Balance>, number]>([
  ['all that were planned are opened', {}, 10],
  ['the reserve is left even when fewer are opened', { available: 12 }, 7],
  ['nothing changes when all are held', { held: 10, available: 5 }, 0],
  ['as many are given back as the reserve misses', { held: 10, available: 2 }, -3],
  ['no more are given back than are held', { held: 2, available: 0 }, -2],
  ['what was given back is taken again when others go', { held: 7, available: 8 }, 3],
  ['what others ended is never taken again', { held: 7, lost: 3, available: 20 }, 0],
])('%s', (_, given, expected) => {
  expect(sessionsToOpen({ ...balance, ...given })).toBe(expected);
});

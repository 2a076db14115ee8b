import { expect, test } from '@jest/globals';
import { livingAgents } from '../../../src/domain/injection/living-agents.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const beat = (secondsAgo: number) => ({
  name: `beat ${secondsAgo} s ago`,
  pid: 1,
  version: '0',
  at: new Date(now - secondsAgo * 1000).toISOString(),
  faults: [],
});
const alive = (secondsAgo: number) => livingAgents([beat(secondsAgo)], now, 3000).length > 0;

test('an agent lives that was heard of a moment ago', () => {
  expect([0, 2, 3, 4].map(alive)).toEqual([true, true, true, false]);
});

test('one that died before the clock was set back does not live until that time comes again', () => {
  expect([-1, -3600].map(alive)).toEqual([true, false]);
});

import { describe, expect, test } from '@jest/globals';
import { worldOf } from './agent-life.ts';
import { explore } from './explore.ts';

const whole = ['waiting', 'arming', 'activating', 'reverting', 'reverted', 'refused', 'stuck'] as const;

/**
 * Every world that can be reached, not a sample: records that come, go and are out of date, answers and calls in any order, late,
 * failed and unanswered, deaths of the agent at any moment, time. The invariants are asserted by name in `invariants.ts` and, for
 * what starts, in `agent-life.ts`.
 */
describe('in every reachable world the twelve invariants hold', () => {
  test.each([
    ['an effect that is held', { traits: {}, mishaps: 2 }, [...whole, 'armed', 'active', 'lifted']],
    ['an effect that is kept true', { traits: { holds: true }, mishaps: 1 }, [...whole, 'armed', 'active', 'lifted']],
    ['an event', { traits: { effect: 'event' }, mishaps: 1 }, [...whole, 'armed', 'spent']],
    [
      'a pulsed effect, in a run that is frozen and thawed',
      { traits: { effect: 'pulsed', adjusts: true }, mishaps: 1 },
      [...whole, 'armed', 'active', 'spent'],
    ],
    ['two that want one claim', { injections: 2, quiet: true, mishaps: 1 }, [...whole, 'armed', 'active']],
  ] as const)('of %s', (_what, options, phases) => {
    const { phases: reached } = explore(worldOf(options));
    expect([...reached].toSorted()).toEqual([...phases].toSorted());
  });
});

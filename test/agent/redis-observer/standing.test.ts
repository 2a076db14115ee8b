import { describe, expect, test } from '@jest/globals';
import { standingOf } from '../../../src/agent/redis-observer/standing.ts';

describe('what a Redis says of itself', () => {
  test('a primary has as many partners as replicas are online', () => {
    expect(
      standingOf([
        'master',
        3129659,
        [
          ['10.0.0.7', '6379', '3129242'],
          ['10.0.0.8', '6379', '3129543'],
        ],
      ]),
    ).toEqual({
      role: 'primary',
      partners: 2,
    });
    expect(standingOf(['master', 0, []])).toEqual({ role: 'primary', partners: 0 });
  });

  test.each([
    ['connected', 1],
    ['connecting', 0],
    ['sync', 0],
  ])('a replica whose link is %s has %d partner', (state, partners) => {
    expect(standingOf(['slave', '10.0.0.6', 6379, state, 3167038])).toEqual({ role: 'replica', partners });
  });

  test('a Sentinel is neither', () => {
    expect(() => standingOf(['sentinel', ['mymaster']])).toThrow('it is neither a primary nor a replica');
  });
});

import { describe, expect, test } from '@jest/globals';
import { describeSamples } from '../../bench/harness/statistics.ts';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('the statistics of samples', () => {
  test('of nothing are nothing', () => {
    expect(describeSamples([])).toBeNull();
  });

  test('are least, middle and most, whatever the order', () => {
    expect(describeSamples([9, 1, 4])).toEqual({ trials: 3, min: 1, median: 4, p99: null, max: 9 });
  });

  test('take the mean of the two in the middle of an even number', () => {
    expect(describeSamples([10, 2, 4, 8])?.median).toBe(6);
  });

  test('compare as numbers, not as texts', () => {
    expect(describeSamples([10, 9, 100])).toMatchObject({ min: 9, max: 100 });
  });

  test('have no p99 of 99 trials, and the second highest of 100', () => {
    expect(describeSamples(upTo(99))?.p99).toBeNull();
    expect(describeSamples(upTo(100))?.p99).toBe(99);
    expect(describeSamples(upTo(1000))?.p99).toBe(990);
  });
});

import { describe, expect, test } from '@jest/globals';
import { longestFailure } from '../../bench/harness/longest-failure.ts';

const answered = (to: number) => ({ to, ms: 1 });
const failed = (to: number) => ({ to, ms: null });

describe('the longest time without an answered call', () => {
  test('is none when every call was answered, however slowly they came', () => {
    expect(longestFailure([answered(10), answered(5000)])).toBe(0);
  });

  test('is from the last answer before to the first after, and the longest of several', () => {
    expect(longestFailure([answered(10), failed(20), answered(30), failed(40), failed(60), answered(100), answered(300)])).toBe(
      70,
    );
  });

  test.each([[[]], [[failed(1), answered(2)]], [[answered(1), failed(2)]]])(
    'is not made up when its end is not known',
    (calls) => {
      expect(() => longestFailure(calls)).toThrow('not known');
    },
  );
});

import { describe, expect, test } from '@jest/globals';
import { spreadOf } from '../../bench/harness/spread.ts';

describe('the spread of times', () => {
  test('is from the first to the last', () => {
    expect(spreadOf([30, 10, 25])).toBe(20);
  });

  test('is no number when one of them is not known', () => {
    expect(spreadOf([30, Date.parse(''), 25])).toBeNaN();
  });
});

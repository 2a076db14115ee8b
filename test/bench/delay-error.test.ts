import { describe, expect, test } from '@jest/globals';
import { compareDelay } from '../../bench/harness/delay-error.ts';

/** Evenly from `low` to `high`. */
const even = (low: number, high: number): number[] =>
  Array.from({ length: 1001 }, (_, index) => low + ((high - low) * index) / 1000);
const asked = { delayMs: 100, jitterMs: 20 };

describe('what a delay really was', () => {
  test('is exact for one that is as it was asked', () => {
    const { meanMs, jitterMs } = compareDelay(asked, [2, 2, 2], even(82, 122));
    expect(meanMs).toBeCloseTo(100);
    expect(jitterMs).toBeCloseTo(20, 0);
  });

  test('takes off what round trips spread without it', () => {
    const before = [0, 4];
    const during = even(80, 120).flatMap((ms) => before.map((own) => ms + own));
    expect(compareDelay(asked, before, during).jitterMs).toBeCloseTo(20, 0);
  });

  test('gives errors as a share of what was asked, on both sides of it', () => {
    expect(compareDelay(asked, [0], even(85, 125)).meanErrorPercent).toBeCloseTo(5);
    expect(compareDelay(asked, [0], even(75, 115)).meanErrorPercent).toBeCloseTo(5);
    expect(compareDelay(asked, [0], even(90, 110)).jitterErrorPercent).toBeCloseTo(50, 0);
  });
});

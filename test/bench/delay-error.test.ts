import { describe, expect, test } from '@jest/globals';
import { compareDelay } from '../../bench/harness/delay-error.ts';

/** Evenly from `low` to `high`. */
const even = (low: number, high: number): number[] =>
  Array.from({ length: 1001 }, (_, index) => low + ((high - low) * index) / 1000);
const asked = { delayMs: 100, jitterMs: 20 };
const exact = { without: [0], always: [100] };

describe('what a delay really was', () => {
  test('is exact for one that is as it was asked', () => {
    const { meanMs, jitterMs, jitterSeenMs } = compareDelay(asked, {
      without: [2, 2, 2],
      always: [102, 102],
      drawn: even(82, 122),
    });
    expect(meanMs).toBeCloseTo(100);
    expect(jitterMs).toBeCloseTo(20);
    expect(jitterSeenMs).toBeCloseTo(20);
  });

  test.each([
    ['a little at each, which widens the ends alone', [0, 4], 20],
    ['much at one of ten', [0, 0, 0, 0, 0, 0, 0, 0, 0, 30], 21.9],
  ])('takes off how late the machine is by itself: %s', (_how, late, seen) => {
    const always = late.map((own) => 100 + own);
    const drawn = even(80, 120).flatMap((ms) => late.map((own) => ms + own));
    const { jitterMs, jitterSeenMs } = compareDelay(asked, { without: [0], always, drawn });
    expect(jitterMs).toBeCloseTo(20, 1);
    expect(jitterSeenMs).toBeCloseTo(seen, 1);
  });

  test('is no jitter where none was seen', () => {
    expect(compareDelay(asked, { without: [0], always: [99, 100, 101], drawn: [99, 100, 101] }).jitterMs).toBeCloseTo(0);
  });

  test('gives errors as a share of what was asked, on both sides of it', () => {
    expect(compareDelay(asked, { ...exact, drawn: even(85, 125) }).meanErrorPercent).toBeCloseTo(5);
    expect(compareDelay(asked, { ...exact, drawn: even(75, 115) }).meanErrorPercent).toBeCloseTo(5);
    expect(compareDelay(asked, { ...exact, drawn: even(90, 110) }).jitterErrorPercent).toBeCloseTo(50);
    expect(compareDelay(asked, { ...exact, drawn: even(70, 130) }).jitterErrorPercent).toBeCloseTo(50);
  });
});

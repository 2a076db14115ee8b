import { describe, expect, test } from '@jest/globals';
import { passageOf, pieceBytes, type Toxic } from '../../../src/agent/relay/toxic.ts';
import { lineFreeAt, sliceBytes } from '../../../src/agent/relay/toxics/bandwidth.ts';
import { delayOf } from '../../../src/agent/relay/toxics/delay.ts';
import { resetsNth } from '../../../src/agent/relay/toxics/reset.ts';

const arrival = { now: 1000, previous: 0, busyUntil: 0, bytes: 100, random: 0.5 };

describe('a delay', () => {
  test('is drawn evenly from around its middle', () => {
    const toxic = { delayMs: 500, jitterMs: 100 };
    expect([0, 0.5, 1].map((random) => delayOf(toxic, random))).toEqual([400, 500, 600]);
  });

  test('is never less than nothing', () => {
    expect(delayOf({ delayMs: 0, jitterMs: 100 }, 0)).toBe(0);
  });

  test('never lets a chunk overtake the one before it', () => {
    expect(passageOf({ delayMs: 10, jitterMs: 0 }, { ...arrival, previous: 5000 }).at).toBe(5000);
  });
});

describe('a narrow line', () => {
  test('passes so many bytes a second, one connection after the other', () => {
    const first = lineFreeAt(0, 1000, 500, 1000);
    expect([first, lineFreeAt(first, 1000, 500, 1000)]).toEqual([1500, 2000]);
  });

  test('was idle before, so nothing is saved up', () => {
    expect(lineFreeAt(200, 1000, 100, 1000)).toBe(1100);
  });

  test('comes before the delay, which keeps no line busy', () => {
    expect(passageOf({ delayMs: 50, jitterMs: 0, bytesPerSecond: 1000 }, arrival)).toEqual({ at: 1150, busyUntil: 1100 });
  });

  test('cuts large answers into pieces, small ones not', () => {
    expect([sliceBytes(100), sliceBytes(2_000_000)]).toEqual([1448, 100_000]);
    expect(pieceBytes({ delayMs: 5, jitterMs: 0 })).toBeNull();
  });
});

describe('resets', () => {
  const resetOf = (ratio: number, of: number): number[] =>
    Array.from({ length: of }, (_, index) => index + 1).filter((n) => resetsNth(n, ratio));

  test.each<[number, number[]]>([
    [1, [1, 2, 3, 4, 5, 6, 7, 8, 9]],
    [0.5, [1, 3, 5, 7, 9]],
    [0.25, [1, 5, 9]],
    [1 / 3, [1, 4, 7]],
    [0.01, [1]],
  ])('a share of %p meets the first connection, and the others evenly', (ratio, expected) => {
    expect(resetOf(ratio, 9)).toEqual(expected);
  });

  test.each([0.01, 0.07, 0.3, 0.99])('a share of %p is kept exactly over a hundred connections', (ratio) => {
    expect(resetOf(ratio, 100)).toHaveLength(Math.round(ratio * 100));
  });
});

test('what meets a black hole passes at no time, and a relay without a toxic passes at once', () => {
  const hole: Toxic = { delayMs: 0, jitterMs: 0, blackhole: true };
  expect(passageOf(hole, arrival).at).toBe(Number.POSITIVE_INFINITY);
  expect(passageOf(null, arrival).at).toBe(1000);
});

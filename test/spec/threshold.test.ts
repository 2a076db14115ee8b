import { describe, expect, test } from '@jest/globals';
import { editDistance } from '../../src/spec/did-you-mean.ts';
import { parseThreshold } from '../../src/spec/threshold.ts';

describe('a threshold is a comparator and a quantity', () => {
  test.each([
    ['< 1%', '<', 0.01, 'ratio'],
    ['<=500ms', '<=', 0.5, 'seconds'],
    ['> 64MiB', '>', 67_108_864, 'bytes'],
    ['>= 10/s', '>=', 10, 'per-second'],
    ['== 0', '==', 0, 'none'],
    ['!= -1.5', '!=', -1.5, 'none'],
  ])('%s', (text, comparator, threshold, unit) => {
    expect(parseThreshold(text)).toEqual({ comparator, threshold, unit });
  });

  test.each(['', '<', '< x', '<> 1', '1%', '< 1 %', "< '1%'", '< 5/m', '< 1e3', '<  -1%'])('%j is refused', (text) => {
    expect(() => parseThreshold(text)).toThrow(expect.objectContaining({ code: 'spec/invalid' }));
  });
});

test.each([
  ['hold', 'hold', 0],
  ['hodl', 'hold', 1],
  ['holdd', 'hold', 1],
  ['', 'hold', 4],
  ['grace', 'lease', 3],
])('from %j to %j are so many slips', (from, to, slips) => {
  expect(editDistance(from, to)).toBe(slips);
});

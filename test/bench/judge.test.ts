import { describe, expect, test } from '@jest/globals';
import { judge, sayGoal } from '../../bench/harness/judge.ts';
import { describeSamples } from '../../bench/harness/statistics.ts';

const hundred = Array.from({ length: 99 }, () => 10);

describe('the judgement of a figure', () => {
  test('is reached when every bound is kept, also just', () => {
    expect(judge({ median: 2, max: 3 }, describeSamples([1, 2, 3]), 0)).toBe('reached');
  });

  test.each([
    ['median', { median: 1.9, max: 3 }],
    ['maximum', { median: 2, max: 2.9 }],
  ])('is not reached when the %s is over its bound', (_name, goal) => {
    expect(judge(goal, describeSamples([1, 2, 3]), 0)).toBe('not reached');
  });

  test('lets one trial of a hundred pass a p99, and none of fewer', () => {
    expect(judge({ p99: 10 }, describeSamples([...hundred, 500]), 0)).toBe('reached');
    expect(judge({ p99: 10 }, describeSamples([...hundred.slice(1), 500]), 0)).toBe('not reached');
  });

  test('is never reached when a trial failed', () => {
    expect(judge({ max: 10 }, describeSamples([1]), 1)).toBe('not reached');
  });

  test('is not measured without a number, and not made without a goal', () => {
    expect(judge({ max: 10 }, null, 0)).toBe('not measured');
    expect(judge(undefined, describeSamples([1]), 0)).toBe('no goal');
  });

  test('says the goal from the data it judges by', () => {
    expect(sayGoal({ median: 0.75, max: 1.5 }, 's')).toBe('median ≤ 0.75, max ≤ 1.5 s');
  });
});

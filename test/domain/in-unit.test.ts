import { describe, expect, test } from '@jest/globals';
import { inUnit, ruleInUnit } from '../../src/domain/in-unit.ts';

describe('a measured value', () => {
  test.each([
    [0.0512345, 'ratio', '5.12 %'],
    [0.2504, 'seconds', '250 ms'],
    [12.3456, 'seconds', '12.3 s'],
    [0, 'seconds', '0 s'],
    [1234.5, 'per-second', '1,230/s'],
    [5_242_880, 'bytes', '5,240,000 B'],
    [3, 'count', '3'],
    [null, 'ratio', 'unknown'],
  ] as const)('%s as %s reads %s', (value, unit, text) => {
    expect(inUnit(value, unit)).toBe(text);
  });
});

test('what somebody asked for is printed in every digit', () => {
  expect(ruleInUnit({ comparator: '>=', threshold: 0.99952 }, 'ratio')).toBe('>= 99.952 %');
  expect(ruleInUnit({ comparator: '<', threshold: 0.1 + 0.2 }, 'seconds')).toBe('< 300 ms');
});

import { describe, expect, test } from '@jest/globals';
import { renderTable, sayNumber } from '../../bench/harness/table.ts';
import { describeSamples } from '../../bench/harness/statistics.ts';

const load = (first: number): { at: string; loadAverage: number[]; freeMemoryMb: number } => ({
  at: '2026-11-21T12:00:00.000Z',
  loadAverage: [first, 0.2, 0.3],
  freeMemoryMb: 100,
});
const machine = {
  firedrill: '0.1.0',
  commit: 'abc1234+',
  node: 'v24.0.0',
  kernel: '6.1',
  processor: 'a processor',
  cores: 2,
  memoryMb: 8000,
};

describe('the table of figures', () => {
  test('has a line per row, says plainly what was not reached, and how busy the machine was', () => {
    const samples = [1.23456, 200.4];
    const text = renderTable(
      [
        {
          name: 'revert',
          summary: '',
          before: load(0.1),
          after: load(1.5),
          failures: ['trial 3: the agent died'],
          rows: [
            {
              name: 'all',
              summary: '',
              unit: 'ms',
              goal: { p99: 100 },
              statistics: describeSamples(samples),
              judgement: 'not reached',
              samples,
            },
            { name: 'other', summary: '', unit: 'MB', goal: undefined, statistics: null, judgement: 'not measured', samples: [] },
          ],
        },
      ],
      machine,
    );
    expect(text.split('\n')).toEqual([
      'figure         trials   min  median  p99  max  unit  goal          judgement',
      'revert: all         2  1.23     101    -  200  ms    p99 ≤ 100 ms  not reached',
      'revert: other       0     -       -    -    -  MB                  not measured',
      'FAILED  revert: trial 3: the agent died',
      '',
      'firedrill 0.1.0 (abc1234+), node v24.0.0, kernel 6.1',
      '2 cores of a processor, 8000 MB',
      'load average of revert: 0.1 0.2 0.3 before, 1.5 0.2 0.3 after',
    ]);
  });

  test.each([
    [0.123456, '0.123'],
    [12.345, '12.3'],
    [1234.5, '1235'],
    [42, '42'],
    [null, '-'],
  ])('shows %p as %p', (number, said) => {
    expect(sayNumber(number)).toBe(said);
  });
});

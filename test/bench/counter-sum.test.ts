import { describe, expect, test } from '@jest/globals';
import { counterSum } from '../../bench/harness/counter-sum.ts';

const text = `# TYPE requests_total counter
requests_total{schema="bench",level="low"} 12
requests_total{schema="bench",level="high"} 1e+02
requests_total{schema="other",level="low"} 7
requests_total_more{schema="bench"} 1000
`;

describe('a counter of an exposition', () => {
  test('is added up over the series that bear the labels, and over no others', () => {
    expect(counterSum(text, 'requests_total', { schema: 'bench' })).toBe(112);
    expect(counterSum(text, 'requests_total', { schema: 'bench', level: 'low' })).toBe(12);
  });

  test('is 0 while there is no such series', () => {
    expect(counterSum(text, 'requests_total', { schema: 'none' })).toBe(0);
  });
});

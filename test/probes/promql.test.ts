import { expect, test } from '@jest/globals';
import { counterSumOf, selectorsOf } from '../../src/probes/shared/promql.ts';
import { rawSelectorsOf } from '../../src/probes/raw-selectors.ts';

test.each([
  ['sum(rate(http_total{job="a",code=~"5.."}[30s]))', ['http_total{job="a",code=~"5.."}']],
  ['up offset 5m', ['up']],
  ['a / on(x) group_left b{c="d"} + a', ['a', 'b{c="d"}']],
  ['histogram_quantile(0.9, sum by (le) (rate(x_bucket[1m])))', ['x_bucket']],
  ['time() + vector(1)', []],
])('finds the selectors inside %s', (query, expected) => {
  expect(selectorsOf(query)).toEqual(expected);
});

test.each([
  ['sum(rate(x{a="b"}[1m30s]))', { function: 'rate', selector: 'x{a="b"}', windowSeconds: 90 }],
  ['increase(x[500ms])', { function: 'increase', selector: 'x', windowSeconds: 0.5 }],
  ['sum(irate(x [1h]))', { function: 'irate', selector: 'x', windowSeconds: 3600 }],
])('knows the counter behind %s', (query, expected) => {
  expect(counterSumOf(query)).toEqual(expected);
});

test.each([
  'sum(rate(a[1m])) - sum(rate(b[1m]))',
  '2 * rate(a[1m])',
  'avg(rate(a[1m]))',
  'rate(a[1m] offset 1m)',
  'rate(a[5m:1m])',
  'sum(sum(rate(a[1m])))',
  'count_over_time(a[1m])',
  'a',
  'sum(rate(a[1m',
])('does not take %s for a plain count of events', (query) => {
  expect(counterSumOf(query)).toBeNull();
});

test('raw selectors exist only for a ratio of two plain counters', () => {
  const [bad, total] = ['sum(rate(a{e="1"}[1m]))', 'sum(rate(a[1m]))'];
  expect(rawSelectorsOf({ type: 'prometheus-ratio', bad, total })).toEqual({
    kind: 'ratio',
    bad: 'a{e="1"}',
    total: 'a',
  });
  expect(rawSelectorsOf({ type: 'prometheus-ratio', bad: `1 - ${bad}`, total })).toBeNull();
  expect(rawSelectorsOf({ type: 'prometheus', query: total })).toBeNull();
});

test.each([
  ['histogram_quantile(0.99, sum by (le) (rate(x_bucket{a="b"}[5s])))', { quantile: 0.99, buckets: 'x_bucket{a="b"}' }],
  ['histogram_quantile(.5, rate(x_bucket[1m]))', { quantile: 0.5, buckets: 'x_bucket' }],
])('takes the buckets behind %s', (query, expected) => {
  expect(rawSelectorsOf({ type: 'prometheus', query })).toEqual({ kind: 'quantile', ...expected });
});

test.each([
  'histogram_quantile(0.99, sum by (le) (rate(x[5s])))',
  'histogram_quantile(0.99, sum by (le) (rate(x_bucket[5s]))) * 1000',
  'histogram_quantile(0.99, avg by (le) (rate(x_bucket[5s])))',
  'histogram_quantile(scalar(q), sum by (le) (rate(x_bucket[5s])))',
  'max(x_bucket)',
])('takes no buckets from %s', (query) => {
  expect(rawSelectorsOf({ type: 'prometheus', query })).toBeNull();
});

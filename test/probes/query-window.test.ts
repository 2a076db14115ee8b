import { expect, test } from '@jest/globals';
import { windowSecondsOf } from '../../src/probes/query-window.ts';

test.each([
  ['histogram_quantile(0.99, sum by (le) (rate(x_bucket{a="b"}[5s])))', 5],
  ['sum(rate(a[1m])) / sum(rate(b[5m]))', 300],
  ['max_over_time(rate(x[5m])[1h:1m])', 3900],
  ['rate(a[1m] offset 5m)', 360],
  ['rate(a[90])', 90],
  ['a offset -1m', 0],
  ['max(lag)', 0],
])('a value of %s counts what happened up to %s s before', (query, expected) => {
  expect(windowSecondsOf({ type: 'prometheus', query })).toBe(expected);
});

test('a ratio lags by the longer of its two sides, and a request made now by nothing', () => {
  expect(windowSecondsOf({ type: 'prometheus-ratio', bad: 'rate(a[10s])', total: 'rate(b[30s])' })).toBe(30);
  expect(
    windowSecondsOf({ type: 'http', url: 'http://127.0.0.1/', method: 'GET', body: null, measure: 'failure', expectStatus: 200 }),
  ).toBe(0);
});

import { expect, test } from '@jest/globals';
import { neverBad } from '../../src/probes/quantile-reach.ts';
import type { PlannedProbe } from '../../src/domain/plan/plan.ts';
import { probeLike } from '../domain/measure/samples.ts';

const buckets = 'd_bucket{service="payments"}';
const query = `histogram_quantile(0.99, sum by (le) (rate(${buckets}[5s])))`;

function problemOf(change: Partial<PlannedProbe>, bounds: readonly string[]) {
  const metrics = {
    labelValues: async (label: string, selector?: string) => (label === 'le' && selector === buckets ? bounds : []),
  };
  return neverBad(probeLike({ source: { type: 'prometheus', query }, threshold: 0.5, ...change }), metrics);
}

test('a limit beyond the highest finite bucket is never broken, however slow the service is', async () => {
  expect(await problemOf({}, ['0.1', '0.25', '+Inf'])).toContain(
    'the highest finite bucket of d_bucket{service="payments"} is 0.25',
  );
});

test.each<[string, Partial<PlannedProbe>, readonly string[]]>([
  ['a limit with a bucket beyond', {}, ['0.1', '0.5', '1', '+Inf']],
  ['a limit on the highest bucket', {}, ['0.1', '0.5', '+Inf']],
  ['a quantile that must be high', { comparator: '>' }, ['0.1', '0.25', '+Inf']],
  ['a histogram without series yet', {}, []],
  ['what is no quantile', { source: { type: 'prometheus', query: 'up' } }, ['0.1']],
  [
    'a request',
    { source: { type: 'http', url: 'u', method: 'GET', body: null, measure: 'latency', expectStatus: 200 } },
    ['0.1'],
  ],
])('%s can be bad', async (_title, change, bounds) => {
  expect(await problemOf(change, bounds)).toBeNull();
});

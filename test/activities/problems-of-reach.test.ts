import { expect, test } from '@jest/globals';
import { problemsOfReach } from '../../src/activities/problems-of-reach.ts';
import { probeLike } from '../domain/measure/samples.ts';

const latency = probeLike({
  name: 'latency',
  source: { type: 'prometheus', query: 'histogram_quantile(0.99, sum by (le) (rate(calls_bucket[5s])))' },
  unit: 'seconds',
  threshold: 0.5,
});

test('a baseline that could not ask whether a probe can ever be bad is no baseline', async () => {
  const problems = await problemsOfReach({ probes: [latency] }, { labelValues: () => Promise.reject(new Error('no answer')) });
  expect(problems).toEqual(['latency: nobody knows whether it can be bad: no answer']);
});

test('a quantile within its buckets, and a probe that has none, are no problem', async () => {
  const metrics = { labelValues: async () => ['0.5', '1', '+Inf'] };
  expect(await problemsOfReach({ probes: [latency, probeLike()] }, metrics)).toEqual([]);
});

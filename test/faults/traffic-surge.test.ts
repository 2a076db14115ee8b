import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { trafficSurge } from '../../src/faults/traffic-surge.ts';
import { createFakeCluster } from '../fakes/cluster.ts';
import { createContext } from './context.ts';
import { helperOf } from './own-helpers.ts';
import { until } from './until.ts';

test('that less is sent than was asked, or nothing any more, is the doing of our source and nobody else’s credit', async () => {
  // It takes requests and answers none, so that soon as many are under way as may be.
  const server = createServer(() => {});
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const cluster = createFakeCluster();
  const slice = { apiVersion: 'discovery.k8s.io/v1', resource: 'endpointslices', namespace: 'shop', name: 'web' };
  cluster.put(slice, {
    metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ port: (server.address() as AddressInfo).port }],
    endpoints: [{ addresses: ['127.0.0.1'] }],
  });
  const context = createContext('surge-1-1', { surge: { maxPerSecond: 10_000 } }, { cluster });
  const locator = { namespace: 'shop', apiVersion: 'apps/v1', resource: 'deployments', name: 'web' };
  const target: TargetRef = { kind: 'workload', service: 'web', name: 'web', uid: 'u', locator };
  const params = trafficSurge.params.parse({ service: 'web', perSecond: 10_000, timeout: '60s' });
  const undo = await trafficSurge.prepare(context, target, params);
  const look = () => trafficSurge.verify(context, target, params, undo);

  await trafficSurge.inject(context, target, params, undo);
  await until('no more can be under way', async () => (await look()).gaveBack !== undefined);
  expect(await look()).toMatchObject({ present: false, gaveBack: expect.stringMatching(/^only \d+ of 10000 requests/) });
  process.kill(helperOf('traffic-source'), 'SIGKILL');
  await until('its end is heard', async () => (await look()).gaveBack?.includes('traffic-source ended') === true);
  await trafficSurge.revert(context, target, undo);
  server.closeAllConnections();
  server.close();
});

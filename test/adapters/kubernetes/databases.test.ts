import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { kubernetesPlatform } from '../../../src/adapters/kubernetes/platform.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

let fake: FakeKubeApi;
let api: KubeApi;
beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access);
});
afterEach(async () => {
  api.close();
  await fake.close();
});

const service = {
  namespace: 'data',
  workload: 'statefulset/store',
  links: [],
  volumes: [],
  configs: [],
  postgres: [{ name: 'main', connection: 'secret:data/postgres#url' }],
  redis: [{ name: 'main', connection: 'secret:data/redis#url' }],
};

test.each([
  [{ kind: 'postgres', service: 'store', postgres: 'main' }, 'secret:data/postgres#url'],
  [{ kind: 'redis', service: 'store', redis: 'main' }, 'secret:data/redis#url'],
] as const)(
  'a database is a target by the reference to its connection, which nobody reads to plan: %j',
  async (selector, connection) => {
    const found = await kubernetesPlatform({ store: service }, api).resolve(selector);
    const { kind } = selector;
    expect(found).toEqual([
      { kind, service: 'store', name: 'main', uid: connection, locator: { connection, namespace: 'data' } },
    ]);
    expect(fake.requests).toEqual([]);
  },
);

test.each([
  { kind: 'postgres', service: 'store', postgres: 'other' },
  { kind: 'redis', service: 'store', redis: 'other' },
] as const)('one that no file names is none: %j', async (selector) => {
  expect(await kubernetesPlatform({ store: service }, api).resolve(selector)).toEqual([]);
});

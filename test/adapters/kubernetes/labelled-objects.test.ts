import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createClusterTools } from '../../../src/adapters/kubernetes/cluster-tools.ts';
import type { ClusterTools } from '../../../src/faults/cluster-tools.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { until } from '../../agent/until.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';
import type { FakeKubeApi } from '../../fakes/kube-api.ts';

const path = '/api/v1/namespaces/shop/configmaps';
const label = 'firedrill.dev/injection';
const ref = (name: string) => ({ apiVersion: 'v1', resource: 'configmaps', namespace: 'shop', name });

let fake: FakeKubeApi;
let api: KubeApi;
let lost: AbortController;
let cluster: ClusterTools;
beforeEach(async () => {
  fake = await startFakeKubeApi();
  api = createKubeApi(fake.access);
  lost = new AbortController();
  cluster = createClusterTools(api, lost.signal);
});
afterEach(async () => {
  lost.abort();
  api.close();
  await fake.close();
});

describe('objects that bear a label', () => {
  test('are heard of for one list and one watch, however many are asked for how often', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `settings-${index}`);
    for (const name of names) fake.objects.put(path, { metadata: { name, labels: { [label]: 'run-1' } } });
    for (let round = 0; round < 3; round += 1) {
      const heard = await Promise.all(names.map((name) => cluster.heard(ref(name), label)));
      expect(heard.map((object) => object?.metadata.name)).toEqual(names);
    }
    const asked = (): string[] => fake.requests.map(({ query }) => (query.get('watch') === 'true' ? 'watch' : 'list'));
    await until(asked, (seen) => seen.join() === 'list,watch');
  });

  test('are others as soon as one loses it, and never those that have none', async () => {
    fake.objects.put(path, { metadata: { name: 'bare' } });
    fake.objects.put(path, { metadata: { name: 'settings', labels: { [label]: 'run-1' } } });
    expect(await cluster.heard(ref('settings'), label)).not.toBeNull();
    expect(await cluster.heard(ref('bare'), label)).toBeNull();
    fake.objects.put(path, { metadata: { name: 'settings' } });
    await until(
      () => cluster.heard(ref('settings'), label),
      (found) => found === null,
    );
  });

  test('are not asked for by one who leads no longer, whose watch has ended', async () => {
    await cluster.heard(ref('settings'), label);
    lost.abort();
    await expect(cluster.heard(ref('settings'), label)).rejects.toThrow();
    await until(fake.connections, (open) => open === 0);
  });
});

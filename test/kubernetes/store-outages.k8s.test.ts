import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adminKubeconfig } from '../../lab/kubernetes/layout.ts';
import { createKubeApi } from '../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../src/adapters/kubernetes/injection-store.ts';
import { kubeconfigAccess } from '../../src/adapters/kubernetes/kubeconfig.ts';
import { recordResources } from '../../src/adapters/kubernetes/record-names.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { KubeApi } from '../../src/ports/kubernetes.ts';
import { specOf } from '../agent/records.ts';
import { until } from '../agent/until.ts';
import { applyRecordKinds, labApi, makeNamespace, removeNamespace } from './drill-namespace.ts';
import { whileApiServerStands } from './e2e/processes.ts';

const namespace = `store-outage-${process.pid}`;
const { injections } = recordResources(namespace);
const spec = specOf();
let api: KubeApi;
let store: KubernetesStore;

beforeAll(async () => {
  api = await labApi();
  await applyRecordKinds(api);
  await makeNamespace(api, namespace);
  const scope = { agent: 'cluster' } as const;
  store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope, clock: systemClock });
});
afterAll(async () => {
  store.close();
  await removeNamespace(api, namespace);
  api.close();
});

test('no call to an API server that stands still hangs, on an old connection or a new one, and the watch goes on afterwards', async () => {
  const fresh = createKubeApi(await kubeconfigAccess({ file: adminKubeconfig() }));
  await store.readSpecs();
  // By its own limit, not by the usual one, which is longer.
  const endsInTime = (call: Promise<unknown>): Promise<void> =>
    expect(call).rejects.toMatchObject({
      code: 'upstream/unreachable',
      message: expect.stringContaining('no answer in 1000 ms'),
    });
  await whileApiServerStands(() =>
    Promise.all([
      endsInTime(api.get(injections, spec.id, { timeoutMs: 1_000 })),
      endsInTime(fresh.get(injections, spec.id, { timeoutMs: 1_000 })),
      endsInTime(api.patch(injections, spec.id, { type: 'merge', body: {} }, { timeoutMs: 1_000 })),
    ]),
  );
  await until(
    () =>
      store.writeSpec(spec).then(
        () => true,
        () => false,
      ),
    (stored) => stored,
  );
  await until(
    () => store.readSpecs(),
    (specs) => specs.some(({ id }) => id === spec.id),
  );
  fresh.close();
});

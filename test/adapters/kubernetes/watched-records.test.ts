import { expect, test } from '@jest/globals';
import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { createKubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import type { KubernetesStore } from '../../../src/adapters/kubernetes/injection-store.ts';
import { endWatches, narrowed, watchRecords } from '../../../src/adapters/kubernetes/watched-records.ts';
import { systemClock } from '../../../src/ports/clock.ts';
import { specOf } from '../../agent/records.ts';
import { until } from '../../agent/until.ts';
import { startFakeKubeApi } from '../../fakes/kube-api.ts';

const namespace = 'drills';
const records = `/apis/firedrill.dev/v1/namespaces/${namespace}`;

test("records are watched once for two stores: the agent of the cluster has its own, and everybody's", async () => {
  const fake = await startFakeKubeApi();
  const api = createKubeApi(fake.access);
  const watched = watchRecords({ api, namespace, scope: null, clock: systemClock });
  const of = { api, namespace, journalNamespace: namespace, clock: systemClock };
  const everything = createKubernetesStore({ ...of, scope: null, watched });
  const own = createKubernetesStore({ ...of, scope: { agent: 'cluster' }, watched: narrowed(watched, { agent: 'cluster' }) });
  const node = specOf({ id: 'run-1-1-2', agent: 'node', target: { ...specOf().target, locator: { node: 'w1' } } });
  for (const spec of [specOf({ agent: 'cluster' }), node]) await everything.writeSpec(spec);
  const ids = async (store: KubernetesStore): Promise<string> => (await store.readSpecs()).map(({ id }) => id).join();
  await until(
    () => ids(everything),
    (seen) => seen === 'run-1-1-1,run-1-1-2',
  );
  expect(await ids(own)).toBe('run-1-1-1');

  let news = 0;
  own.watch(() => (news += 1));
  everything.watch(() => {});
  const label = (name: string, agent: string): void => {
    const { metadata, ...rest } = fake.objects.get(`${records}/injections`, name)!;
    const labels = { ...metadata.labels, 'firedrill.dev/agent': agent };
    fake.objects.put(`${records}/injections`, { ...rest, metadata: { ...metadata, labels } });
  };
  label('run-1-1-2', 'cluster');
  label('run-1-1-1', 'node');
  await until(
    () => ids(own),
    (seen) => seen === 'run-1-1-2',
  );
  expect(news).toBe(2);
  await Promise.all([everything, own].flatMap((store) => [store.readHalt(), store.lookAtPermit('run-1')]));
  // Each watch begins with a list.
  const lists = fake.requests.filter(({ method, query }) => method === 'GET' && query.get('watch') !== 'true');
  expect(lists.map(({ path }) => path).toSorted()).toEqual(
    [`${records}/injections`, `${records}/permits`, `/api/v1/namespaces/${namespace}/configmaps`].toSorted(),
  );
  endWatches(watched);
  api.close();
  await fake.close();
});

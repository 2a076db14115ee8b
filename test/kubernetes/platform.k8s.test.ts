import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kubernetesPlatform } from '../../src/adapters/kubernetes/platform.ts';
import type { KubernetesService } from '../../src/adapters/kubernetes/services.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { Selector } from '../../src/domain/plan/selector.ts';
import type { KubeApi, KubeResource } from '../../src/ports/kubernetes.ts';
import { until } from '../agent/until.ts';
import { labApi, makeNamespace, removeNamespace } from './drill-namespace.ts';
import { budget, deployment, service, webService } from './shop-of-one.ts';

const namespace = `targets-${process.pid}`;
let api: KubeApi;

const core = (resource: string): KubeResource => ({ group: '', version: 'v1', resource, namespace });
const apps = (resource: string): KubeResource => ({ group: 'apps', version: 'v1', resource, namespace });
const make = async (resource: KubeResource, body: object): Promise<void> => {
  const made = await api.create(resource, body);
  if (!made.ok) throw new Error(made.message);
};

const web: KubernetesService = webService(namespace);
const platform = (services: Record<string, KubernetesService> = { web }) => kubernetesPlatform(services, api);
const members: Selector = { kind: 'member', service: 'web' };
const wellPods = async (count: number, of = web): Promise<readonly TargetRef[]> =>
  until(
    () => platform({ web: of }).resolve(members),
    (found) => found.length === count,
    60_000,
  );

beforeAll(async () => {
  api = await labApi();
  await makeNamespace(api, namespace);
  await make(core('configmaps'), { metadata: { name: 'limits' }, data: { most: '5' } });
  await make(core('secrets'), { metadata: { name: 'tls' }, stringData: { key: 'secret' } });
  await make(core('services'), service);
  await make({ group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', namespace }, budget);
  await make(apps('deployments'), deployment('web', 3));
  await make(apps('deployments'), deployment('other', 1));
  await wellPods(3);
  await wellPods(1, { ...web, workload: 'deployment/other' });
}, 240_000);

afterAll(async () => {
  await removeNamespace(api, namespace);
  api.close();
}, 120_000);

describe('the pods of a workload', () => {
  test('are named with all that reaches them, and no other pod of the same labels is among them', async () => {
    const found = await platform().resolve(members);
    expect(found).toHaveLength(3);
    for (const { kind, name, uid, locator } of found) {
      const pod = await api.get(core('pods'), name);
      expect({ kind, uid }).toEqual({ kind: 'pod', uid: pod?.metadata.uid });
      expect(locator).toMatchObject({
        namespace,
        pod: name,
        podUid: uid,
        ownerKind: 'Deployment',
        ownerName: 'web',
        container: 'web',
      });
      expect(locator['zone']).toMatch(/^[a-c]$/);
      expect(locator['containers']).toEqual([{ name: 'web', id: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    }
    expect(found.map(({ name }) => name)).toEqual(found.map(({ name }) => name).toSorted());
  });

  test('are surveyed with their replicas, and with the budget that covers them', async () => {
    const survey = await until(
      () => platform().survey(members),
      ({ budgets }) => budgets[0]?.allowed === 1,
    );
    expect(survey).toMatchObject({ expected: 3, well: 3, counts: 'members', aside: [] });
    expect(survey.budgets).toEqual([{ name: 'web', allowed: 1, covers: survey.candidates.map(({ target }) => target.uid) }]);
  });

  test('that say they are excluded, or are not ready, stand aside, with why', async () => {
    const [one] = await platform().resolve(members);
    const annotate = (value: string | null) =>
      api.patch(core('pods'), one!.name, {
        type: 'merge',
        body: { metadata: { annotations: { 'firedrill.dev/exclude': value } } },
      });
    await annotate('true');
    const survey = await platform().survey(members);
    expect(survey.aside).toEqual([{ name: one!.name, why: 'is excluded by its annotation firedrill.dev/exclude' }]);
    expect([survey.candidates.length, survey.well]).toEqual([2, 3]);
    await annotate(null);

    await make(apps('deployments'), deployment('never-ready', 1, { exec: { command: ['false'] } }));
    const never = { ...web, workload: 'deployment/never-ready' };
    const waiting = await until(
      () => platform({ never }).survey({ kind: 'member', service: 'never' }),
      ({ aside }) => aside[0]?.why.startsWith('is not ready') === true,
      60_000,
    );
    expect(waiting.candidates).toEqual([]);
    await api.delete(apps('deployments'), 'never-ready');
  });

  test('one that is replaced is another, and the one that was there has a problem', async () => {
    const [before] = await wellPods(3);
    expect(await platform().problemWith(before!)).toBeNull();
    await api.delete(core('pods'), before!.name, { gracePeriodSeconds: 0 });
    expect(await platform().problemWith(before!)).toMatch(/its pod is (being deleted|not there any more)/);
    const now = await wellPods(3);
    expect(now.map(({ uid }) => uid)).not.toContain(before!.uid);
  });
});

describe('labels', () => {
  test('name pods where no workload does', async () => {
    const { workload: _, ...labelled } = web;
    const found = await platform({ labelled: { ...labelled, selector: { app: 'other' } } }).resolve({
      kind: 'member',
      service: 'labelled',
    });
    expect(found.map(({ locator }) => locator['ownerName'])).toEqual(['other']);
  });

  test('that fit the whole namespace are refused', async () => {
    const { workload: _, ...labelled } = web;
    const all = platform({ all: { ...labelled, selector: { shop: 'one' } } }).resolve({ kind: 'member', service: 'all' });
    await expect(all).rejects.toMatchObject({ code: 'plan/blast-radius', message: expect.stringContaining('shop=one') });
  });
});

describe('what belongs to each pod', () => {
  test('a link leads to the cluster IP and to every endpoint, on its own port', async () => {
    const [pods, object] = await Promise.all([platform().resolve(members), api.get(core('services'), 'web')]);
    const { clusterIP } = object!.spec as { clusterIP: string };
    const links = await until(
      () => platform().resolve({ kind: 'link', service: 'web', to: 'web' }),
      (found) => found.every(({ locator }) => Array.isArray(locator['destinations']) && locator['destinations'].length === 4),
    );
    expect(links.map(({ name, uid }) => [name, uid])).toEqual(pods.map(({ name, uid }) => [`${name}/itself`, uid]));
    expect(links[0]?.locator['destinations']).toEqual([
      { address: clusterIP, port: 80, protocol: 'tcp' },
      ...pods
        .map(({ locator }) => ({ address: locator['podIP'], port: 8080, protocol: 'tcp' }))
        .toSorted((a, b) => (String(a.address) < String(b.address) ? -1 : 1)),
    ]);
    expect(links[0]?.locator['leads']).toEqual({ namespace, service: 'web', ports: [], headless: false });
  });

  test('a link over a range leaves the API server and the resolvers alone', async () => {
    const [link] = await platform().resolve({ kind: 'link', service: 'web', to: 'everything' });
    expect(link?.locator['destinations']).toEqual([
      { address: '10.0.0.0/8', port: null, protocol: 'tcp' },
      { address: '10.0.0.0/8', port: null, protocol: 'udp' },
    ]);
    const dns = await api.get({ group: '', version: 'v1', resource: 'services', namespace: 'kube-system' }, 'kube-dns');
    const { clusterIP } = dns!.spec as { clusterIP: string };
    expect(link?.locator['excluded']).toContainEqual({ address: clusterIP, port: 53, protocol: 'udp' });
  });

  test('a volume is what is mounted there', async () => {
    const [scratch] = await platform().resolve({ kind: 'volume', service: 'web', volume: 'scratch' });
    expect(scratch?.locator).toMatchObject({
      path: '/scratch/deep',
      volume: 'emptyDir',
      mountPath: '/scratch',
      sizeLimit: '10Mi',
    });
    const [layer] = await platform().resolve({ kind: 'volume', service: 'web', volume: 'layer' });
    expect(layer?.locator).toMatchObject({ path: '/tmp', volume: 'ephemeral' });
  });
});

describe('objects', () => {
  test('a workload is itself, and unwell while its pods are', async () => {
    const [found] = await platform().resolve({ kind: 'workload', service: 'web' });
    expect(found).toMatchObject({ kind: 'workload', name: 'web', locator: { namespace, resource: 'deployments', replicas: 3 } });
    await wellPods(3);
    expect(
      await until(
        () => platform().problemWith(found!),
        (problem) => problem === null,
      ),
    ).toBeNull();
    expect(await platform().problemWith({ ...found!, locator: { ...found!.locator, name: 'gone' } })).toContain(
      'not there any more',
    );
  });

  test.each([
    ['limits', 'configmaps'],
    ['certificate', 'secrets'],
  ])('config %s is one of %s, and none of its bytes is in the target', async (config, resource) => {
    const [found] = await platform().resolve({ kind: 'config', service: 'web', config });
    expect(found).toMatchObject({ kind: 'config', name: config, locator: { namespace, resource } });
    expect(found?.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.stringify(found)).not.toMatch(/secret"|most/);
  });

  test('a workload or a Service that the environment names, and that is not there, is told', async () => {
    const gone = platform({ gone: { ...web, workload: 'deployment/gone' } }).resolve({ kind: 'member', service: 'gone' });
    await expect(gone).rejects.toMatchObject({
      code: 'target/none',
      message: expect.stringContaining('deployment/gone is not there'),
    });
    const nowhere = platform().resolve({ kind: 'link', service: 'web', to: 'nowhere' });
    await expect(nowhere).rejects.toMatchObject({
      code: 'target/none',
      message: expect.stringContaining(`${namespace}/nowhere is not there`),
    });
  });
});

describe('nodes', () => {
  test('are found by zone, with everything that runs on them', async () => {
    const survey = await platform().survey({ kind: 'node', node: null, zone: 'a' });
    expect(survey.candidates.map(({ target }) => [target.kind, target.locator['zone']])).toEqual([['node', 'a']]);
    expect(survey.well).toBeGreaterThanOrEqual(3);
    const ours = await platform().resolve(members);
    const { target } = survey.candidates[0]!;
    const here = ours.filter(({ locator }) => locator['node'] === target.name).map(({ name }) => name);
    const beside = survey.neighbours.filter((neighbour) => neighbour.namespace === namespace).map(({ name }) => name);
    expect(beside).toEqual(expect.arrayContaining(here));
    expect(await platform().problemWith(target)).toBeNull();
  });
});

test('asking for many targets at once is few requests', async () => {
  let requests = 0;
  const counting: KubeApi = { ...api, list: (...given) => ((requests += 1), api.list(...given)) };
  const counted = kubernetesPlatform({ web }, counting);
  await Promise.all(Array.from({ length: 20 }, () => counted.resolve(members)));
  // Pods, ReplicaSets, nodes, budgets: one list each.
  expect(requests).toBe(4);
});

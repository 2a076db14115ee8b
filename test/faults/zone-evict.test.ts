import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import type { ObjectRef } from '../../src/faults/cluster-tools.ts';
import { zoneEvict } from '../../src/faults/zone-evict.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';
import { addPod } from './subjects/pod.ts';
import { addDeployment, deploymentTarget } from './subjects/workload.ts';

describe('zone-evict', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  const nodeRef = (name: string) => ({ apiVersion: 'v1', resource: 'nodes', namespace: null, name });
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', { allowNodes: ['w*'] }, { cluster });
    addDeployment(cluster, { spec: { selector: { matchLabels: { app: 'shop-api' } } } });
    for (const [name, zone, spec] of [
      ['w1', 'a', {}],
      ['w2', 'b', {}],
      ['w3', 'b', { unschedulable: true }],
    ] as const) {
      const metadata: JsonObject = { uid: `uid-of-${name}`, labels: { 'topology.kubernetes.io/zone': zone } };
      cluster.put(nodeRef(name), { metadata, spec });
    }
    addPod(cluster, 'a', { node: 'w1' });
    addPod(cluster, 'b', { node: 'w2' });
    addPod(cluster, 'c', { node: 'w3' });
  });

  const podRef = (name: string) => ({ apiVersion: 'v1', resource: 'pods', namespace: 'shop', name });
  const deploymentRef = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'web' };
  const exclude = async (ref: ObjectRef): Promise<void> => {
    const { metadata, ...rest } = (await cluster.get(ref)) as unknown as { metadata: JsonObject };
    cluster.put(ref, { ...rest, metadata: { ...metadata, annotations: { 'firedrill.dev/exclude': 'true' } } });
  };

  const act = async (zone: string) => {
    const params = zoneEvict.params.parse({ zone });
    const undo = await zoneEvict.prepare(context, deploymentTarget, params);
    await zoneEvict.inject(context, deploymentTarget, params, undo);
    return { params, undo };
  };

  test('evicts what the workload has in the zone, and leaves a node as it was that somebody else has cordoned', async () => {
    const { params, undo } = await act('b');
    expect(cluster.changes).toEqual(['patch nodes/w2', 'evict pods/b', 'evict pods/c']);
    expect(await zoneEvict.verify(context, deploymentTarget, params, undo)).toMatchObject({
      present: true,
      summary: '1 of 1 nodes of zone b are cordoned; 2 of 2 pods evicted',
    });
    await zoneEvict.revert(context, deploymentTarget, undo);
    expect((await zoneEvict.verifyReverted(context, deploymentTarget, undo)).present).toBe(false);
    expect((await cluster.get(nodeRef('w2')))?.['spec']).toEqual({});
    expect((await cluster.get(nodeRef('w3')))?.['spec']).toEqual({ unschedulable: true });
  });

  test.each<[string, () => unknown, string]>([
    [
      'a node is not among allowNodes',
      () => (context = createContext('run-1-1', { allowNodes: ['w1', 'w3'] }, { cluster })),
      'node w2 of the zone is not among allowNodes',
    ],
    ['a node is excluded', () => exclude(nodeRef('w2')), 'node w2 says firedrill.dev/exclude'],
    ['a pod is excluded', () => exclude(podRef('c')), 'shop/c says firedrill.dev/exclude'],
    ['the workload is excluded', () => exclude(deploymentRef), 'says firedrill.dev/exclude'],
  ])('nothing is touched where %s', async (_what, make, words) => {
    await make();
    await expect(act('b')).rejects.toMatchObject({ code: 'policy/denied', message: expect.stringContaining(words) });
    expect(cluster.changes).toEqual([]);
  });

  test.each([
    ['holds every ready pod', 'b', 'plan/blast-radius'],
    ['holds none', 'z', 'target/none'],
  ])('a zone that %s is refused', async (_what, zone, code) => {
    addPod(cluster, 'a', { ready: false });
    await expect(act(zone)).rejects.toMatchObject({ code });
    expect(cluster.changes).toEqual([]);
  });
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { badRollout } from '../../src/faults/bad-rollout.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';
import { addDeployment, addStatefulSet, deploymentTarget, statefulSetTarget } from './subjects/workload.ts';

describe('bad-rollout', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', {}, { cluster });
    addDeployment(cluster);
  });

  const prepare = (given: JsonObject) => badRollout.prepare(context, deploymentTarget, badRollout.params.parse(given));

  test.each<[string, JsonObject, string]>([
    ['is paused', { paused: true }, 'guard/blocked'],
    ['is not rolled out', { replicas: 4 }, 'guard/blocked'],
    ['recreates all of its pods', { strategy: { type: 'Recreate' } }, 'plan/blast-radius'],
    ['may have all unavailable', { strategy: { rollingUpdate: { maxUnavailable: '100%' } } }, 'plan/blast-radius'],
    ['may have so many unavailable as it has', { strategy: { rollingUpdate: { maxUnavailable: 3 } } }, 'plan/blast-radius'],
  ])('a Deployment that %s is refused', async (_what, spec, code) => {
    addDeployment(cluster, { spec });
    await expect(prepare({ command: ['false'] })).rejects.toMatchObject({ code });
  });

  test('one that keeps some of its pods is taken', async () => {
    addDeployment(cluster, { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%' } } } });
    expect(await prepare({ command: ['false'] })).toMatchObject({ held: { uid: 'uid-of-web' } });
  });

  test('where there are several containers, one must be named', async () => {
    addDeployment(cluster, { spec: { template: { spec: { containers: [{ name: 'web' }, { name: 'side' }] } } } });
    await expect(prepare({ image: 'web:bad' })).rejects.toThrow(/several containers. Write one of web, side/);
    await expect(prepare({ image: 'web:bad', container: 'webb' })).rejects.toThrow(/no container webb/);
    expect(await prepare({ image: 'web:bad', container: 'side' })).toMatchObject({
      held: { fields: [{ path: expect.arrayContaining([{ name: 'side' }]), before: null, after: 'web:bad' }] },
    });
  });

  test('a container that is not asked over HTTP has no readiness path', async () => {
    addDeployment(cluster, { spec: { template: { spec: { containers: [{ name: 'web' }] } } } });
    await expect(prepare({ readinessPath: '/nope' })).rejects.toMatchObject({ code: 'target/none' });
  });

  test('what somebody took over with our change in it is theirs, and waited for no more', async () => {
    const undo = await prepare({ command: ['false'] });
    await badRollout.inject(context, deploymentTarget, badRollout.params.parse({ command: ['false'] }), undo);
    const label = '/metadata/labels/firedrill.dev~1injection';
    await cluster.patch(undo.held.ref, [{ op: 'remove', path: label }]);
    await badRollout.revert(context, deploymentTarget, undo);
    expect(await badRollout.verifyReverted(context, deploymentTarget, undo)).toMatchObject({
      present: false,
      summary: "web is somebody else's by now, with what was changed of it",
    });
  });

  test.each<JsonObject>([
    {},
    { image: 'a', command: ['b'] },
    { liveness: 'fail' },
    { env: { name: 'A', remove: true } },
    { env: { name: 'A', remove: true, value: 'b' }, allowAll: true },
    { readinessPath: 'nope' },
  ])('%j is refused', (given) => {
    expect(badRollout.params.safeParse(given).success).toBe(false);
  });
});

describe('bad-rollout of a StatefulSet', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', {}, { cluster });
    addStatefulSet(cluster);
  });

  const bad = { image: 'web:bad', allowAll: true };
  const params = badRollout.params.parse(bad);
  const prepare = () => badRollout.prepare(context, statefulSetTarget, params);
  const podRef = (name: string) => ({ apiVersion: 'v1', resource: 'pods', namespace: 'shop', name });
  const addPod = (name: string, { revision, image, ready = true, restarts = 0 }: Podded): void => {
    cluster.put(podRef(name), {
      metadata: { labels: { app: 'web', 'controller-revision-hash': revision } },
      spec: { containers: [{ name: 'web', image }] },
      status: {
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
        containerStatuses: [{ restartCount: restarts }],
      },
    });
  };
  interface Podded {
    readonly revision: string;
    readonly image: string;
    readonly ready?: boolean;
    readonly restarts?: number;
  }

  test.each<[string, Parameters<typeof addStatefulSet>[1], string]>([
    ['replaces no pod by itself', { spec: { updateStrategy: { type: 'OnDelete' } } }, 'guard/blocked'],
    ['keeps every pod by its partition', { spec: { updateStrategy: { rollingUpdate: { partition: 3 } } } }, 'guard/blocked'],
    ['is between two revisions', { status: { updateRevision: 'web-2' } }, 'guard/blocked'],
    [
      'has one pod',
      { spec: { replicas: 1 }, status: { replicas: 1, updatedReplicas: 1, availableReplicas: 1 } },
      'plan/blast-radius',
    ],
  ])('one that %s is refused', async (_what, given, code) => {
    addStatefulSet(cluster, given);
    await expect(prepare()).rejects.toMatchObject({ code });
  });

  test('one whose partition leaves some to be replaced is taken', async () => {
    addStatefulSet(cluster, { spec: { updateStrategy: { rollingUpdate: { partition: 2 } } } });
    expect(await prepare()).toMatchObject({ templates: [], history: [] });
  });

  test('a DaemonSet is refused, with the reason', async () => {
    const ofNodes = { ...statefulSetTarget, locator: { ...statefulSetTarget.locator, resource: 'daemonsets' } };
    await expect(badRollout.prepare(context, ofNodes, params)).rejects.toThrow(
      /one of daemonsets: each of its pods is of a node/,
    );
  });

  test('a revert ends the pods of our template that cannot become ready, and no other', async () => {
    addPod('web-0', { revision: 'web-1', image: 'web:1' });
    const undo = await prepare();
    await badRollout.inject(context, statefulSetTarget, params, undo);
    addPod('web-1', { revision: 'web-1', image: 'web:1', ready: false });
    addPod('web-2', { revision: 'web-2', image: 'web:bad', ready: false });
    addPod('web-3', { revision: 'web-2', image: 'web:bad', restarts: 1 });
    addPod('web-4', { revision: 'web-2', image: 'web:bad' });
    addPod('web-5', { revision: 'web-3', image: 'web:3', ready: false });
    expect((await badRollout.verifyReverted(context, statefulSetTarget, undo)).present).toBe(true);
    await badRollout.revert(context, statefulSetTarget, undo);
    expect(cluster.changes.filter((change) => change.startsWith('delete'))).toEqual(['delete pods/web-2', 'delete pods/web-3']);
  });

  test('a revert takes the revision with our change out of its history, and leaves the others', async () => {
    const revision = (name: string, image: string): void => {
      const metadata = { ownerReferences: [{ uid: 'uid-of-web' }] };
      const data = { spec: { template: { spec: { containers: [{ name: 'web', image }] } } } };
      cluster.put({ apiVersion: 'apps/v1', resource: 'controllerrevisions', namespace: 'shop', name }, { metadata, data });
    };
    revision('web-1', 'web:1');
    const undo = await prepare();
    await badRollout.inject(context, statefulSetTarget, params, undo);
    revision('web-2', 'web:bad');
    revision('web-3', 'web:3');
    await badRollout.revert(context, statefulSetTarget, undo);
    expect(cluster.changes.filter((change) => change.startsWith('delete'))).toEqual(['delete controllerrevisions/web-2']);
  });

  test('its effect is there as soon as a pod goes for it', async () => {
    addPod('web-0', { revision: 'web-1', image: 'web:1' });
    const undo = await prepare();
    await badRollout.inject(context, statefulSetTarget, params, undo);
    expect((await badRollout.verify(context, statefulSetTarget, params, undo)).present).toBe(false);
    const { metadata } = (await cluster.get(podRef('web-0')))!;
    await cluster.delete(podRef('web-0'), { uid: metadata.uid });
    expect(await badRollout.verify(context, statefulSetTarget, params, undo)).toMatchObject({
      present: true,
      summary: '0 pods of the bad template of web, 0 of them ready; 1 of before on their way out',
    });
  });
});

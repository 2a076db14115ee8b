import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { badRollout } from '../../src/faults/bad-rollout.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';
import { addDeployment, deploymentTarget } from './subjects/workload.ts';

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

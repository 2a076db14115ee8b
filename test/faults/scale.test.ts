import { beforeEach, describe, expect, test } from '@jest/globals';
import { hpaPin } from '../../src/faults/hpa-pin.ts';
import { scale } from '../../src/faults/scale.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';
import { addDeployment, deploymentTarget } from './subjects/workload.ts';

describe('scale', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', {}, { cluster });
    addDeployment(cluster);
  });

  const prepare = (given: object, target = deploymentTarget) => scale.prepare(context, target, scale.params.parse(given));
  const addAutoscaler = (kind: string, name: string): void => {
    const of = { apiVersion: 'autoscaling/v2', resource: 'horizontalpodautoscalers', namespace: 'shop', name: `${kind}-${name}` };
    cluster.put(of, { spec: { scaleTargetRef: { kind, name }, minReplicas: 1, maxReplicas: 9 } });
  };

  test.each<[string, object, string]>([
    ['Argo CD', { annotations: { 'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web' } }, 'Argo CD (shop:'],
    ['Flux', { labels: { 'kustomize.toolkit.fluxcd.io/name': 'shop' } }, 'Flux (shop)'],
    ['an operator', { ownerReferences: [{ kind: 'Shop', name: 'main', uid: 'u' }] }, 'Shop main'],
  ])('a workload of %s is refused by its name, unless that is acknowledged', async (_who, metadata, words) => {
    addDeployment(cluster, { metadata: { ...metadata } });
    await expect(prepare({ replicas: 1 })).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringContaining(words),
    });
    expect(await prepare({ replicas: 1, ownedBy: 'acknowledged' })).toMatchObject({ before: 3 });
  });

  test('a workload that is managed by Helm is nobody’s who would put it back', async () => {
    addDeployment(cluster, { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } });
    expect(await prepare({ replicas: 1 })).toMatchObject({ before: 3 });
  });

  test('an autoscaler of the workload refuses it, acknowledged or not, and one of another does not', async () => {
    addAutoscaler('Deployment', 'other');
    expect(await prepare({ replicas: 1 })).toMatchObject({ before: 3 });
    addAutoscaler('Deployment', 'web');
    await expect(prepare({ replicas: 1, ownedBy: 'acknowledged' })).rejects.toThrow(/HorizontalPodAutoscaler Deployment-web/);
  });

  test('hpa-pin refuses a workload that no autoscaler scales', async () => {
    addAutoscaler('StatefulSet', 'web');
    await expect(hpaPin.prepare(context, deploymentTarget, hpaPin.params.parse({}))).rejects.toMatchObject({
      code: 'target/none',
    });
  });

  test('a DaemonSet has no number', async () => {
    const target = { ...deploymentTarget, locator: { ...deploymentTarget.locator, resource: 'daemonsets' } };
    await expect(prepare({ replicas: 1 }, target)).rejects.toMatchObject({ code: 'policy/denied' });
  });

  test('a workload that is gone, or another by now, is no target', async () => {
    await expect(prepare({ replicas: 1 }, { ...deploymentTarget, uid: 'older' })).rejects.toMatchObject({ code: 'target/none' });
  });

  test('one that vanishes while it is scaled is a target that is gone', async () => {
    const params = scale.params.parse({ replicas: 1 });
    const undo = await prepare({ replicas: 1 });
    await scale.inject(context, deploymentTarget, params, undo);
    const ref = { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'shop', name: 'web' };
    await cluster.delete(ref, { uid: 'uid-of-web' });
    await expect(scale.verify(context, deploymentTarget, params, undo)).rejects.toMatchObject({ code: 'target/none' });
    await scale.revert(context, deploymentTarget, undo);
    expect((await scale.verifyReverted(context, deploymentTarget, undo)).present).toBe(false);
  });

  test.each([{ replicas: 0 }, { replicas: 1.5 }, {}, { replicas: 2, ownedBy: 'yes' }])('%j is refused', (given) => {
    expect(scale.params.safeParse(given).success).toBe(false);
  });
});

import { expect, test } from '@jest/globals';
import { hpaPin } from '../../../src/faults/hpa-pin.ts';
import { scale } from '../../../src/faults/scale.ts';
import type { Autoscaler } from '../../../src/faults/shared/autoscalers.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { deploymentTarget, readDeployment } from './workload.ts';

const autoscalers = { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' };

async function autoscale({ make }: Sandbox): Promise<void> {
  await make(autoscalers, {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }],
    },
  });
}

async function range({ api, namespace }: Sandbox): Promise<(number | undefined)[]> {
  const found = await api.get<Autoscaler & KubeObject>({ ...autoscalers, namespace }, 'web');
  return [found?.spec.minReplicas, found?.spec.maxReplicas];
}

faultContract('hpa-pin', async () => {
  const sandbox = await openSandbox();
  await sandbox.deploy('web', { replicas: 2 });
  await autoscale(sandbox);
  return {
    target: await deploymentTarget(sandbox, 'web'),
    params: {},
    lent: { cluster: sandbox.tools },
    broken: async () => (await range(sandbox)).join() !== '1,5',
    dispose: sandbox.dispose,
  };
});

test('the autoscaler holds the number while it is pinned, and may choose again afterwards', async () => {
  const sandbox = await openSandbox();
  try {
    await sandbox.deploy('web', { replicas: 2 });
    await autoscale(sandbox);
    const target = await deploymentTarget(sandbox, 'web');
    await expect(begin(scale, target, { replicas: 1 }, { cluster: sandbox.tools })).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringContaining('HorizontalPodAutoscaler web'),
    });
    const act = await begin(hpaPin, target, {}, { cluster: sandbox.tools });
    expect(await range(sandbox)).toEqual([2, 2]);
    const ref = { apiVersion: 'apps/v1', resource: 'deployments', namespace: sandbox.namespace, name: 'web' };
    await sandbox.tools.patch(ref, [{ op: 'replace', path: '/spec/replicas', value: 4 }]);
    const isPinned = async (): Promise<boolean> => (await readDeployment(sandbox, 'web')).spec.replicas === 2;
    await until('the autoscaler brings it back to 2', isPinned, 40_000);
    const heldMs = act.elapsedMs();
    const reverted = await finish(act);
    expect(await range(sandbox)).toEqual([1, 5]);
    console.log('hpa-pin, ms:', { ...act.times, heldMs, ...reverted.times });
  } finally {
    await sandbox.dispose();
  }
});

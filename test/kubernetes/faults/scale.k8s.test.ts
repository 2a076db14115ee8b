import { expect, test } from '@jest/globals';
import { scale } from '../../../src/faults/scale.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { apps, isReady, openSandbox } from './cluster.ts';
import { deploymentTarget, readDeployment, workloadTarget } from './workload.ts';

faultContract('scale', async () => {
  const sandbox = await openSandbox();
  await sandbox.deploy('web', { replicas: 2 });
  return {
    target: await deploymentTarget(sandbox, 'web'),
    params: { replicas: 1 },
    lent: { cluster: sandbox.tools },
    broken: async () => (await readDeployment(sandbox, 'web')).spec.replicas !== 2,
    dispose: sandbox.dispose,
  };
});

test.each([
  ['Deployment', 3, 1],
  ['Deployment', 1, 3],
  ['StatefulSet', 3, 1],
] as const)('of a %s, %d replicas become %d, and again what they were', async (kind, replicas, wanted) => {
  const sandbox = await openSandbox();
  try {
    await sandbox.deploy('web', { replicas, kind });
    const ready = async (): Promise<number> => (await sandbox.pods('web')).filter(isReady).length;
    const target = await workloadTarget(sandbox, kind, 'web');
    const act = await begin(scale, target, { replicas: wanted }, { cluster: sandbox.tools });
    await until(`${wanted} are ready`, async () => (await ready()) === wanted, 30_000);
    const scaledMs = act.elapsedMs();
    const reverted = await finish(act);
    await until(`${replicas} are ready`, async () => (await ready()) === replicas, 30_000);
    console.log(`scale of a ${kind}, ${replicas} to ${wanted}, ms:`, {
      ...act.times,
      scaledMs,
      ...reverted.times,
      backMs: reverted.elapsedMs(),
    });
  } finally {
    await sandbox.dispose();
  }
});

test('a responder who scales it meanwhile is not undone', async () => {
  const sandbox = await openSandbox();
  try {
    await sandbox.deploy('web', { replicas: 3 });
    const act = await begin(scale, await deploymentTarget(sandbox, 'web'), { replicas: 1 }, { cluster: sandbox.tools });
    const ref = { apiVersion: 'apps/v1', resource: 'deployments', namespace: sandbox.namespace, name: 'web' };
    await sandbox.tools.patch(ref, [{ op: 'replace', path: '/spec/replicas', value: 4 }]);
    expect((await act.fault.verify(act.context, act.target, act.params, act.undo)).present).toBe(false);
    const { evidence } = await finish(act);
    expect(evidence.data).toMatchObject({ changedByOthers: ['spec.replicas'] });
    expect((await readDeployment(sandbox, 'web')).spec.replicas).toBe(4);
  } finally {
    await sandbox.dispose();
  }
});

test('nothing of ours is left on the workload or on its ReplicaSets, from which a rollout undo would bring it back', async () => {
  const sandbox = await openSandbox();
  try {
    await sandbox.deploy('web', { replicas: 2 });
    const marked = async (): Promise<number> => {
      const sets = await sandbox.api.list({ ...apps, resource: 'replicasets', namespace: sandbox.namespace });
      const objects = [...sets.items, await readDeployment(sandbox, 'web')];
      return objects.filter(({ metadata }) => JSON.stringify([metadata.labels, metadata.annotations]).includes('firedrill'))
        .length;
    };
    const act = await begin(scale, await deploymentTarget(sandbox, 'web'), { replicas: 1 }, { cluster: sandbox.tools });
    expect(await marked()).toBe(1);
    await finish(act);
    expect(await marked()).toBe(0);
  } finally {
    await sandbox.dispose();
  }
});

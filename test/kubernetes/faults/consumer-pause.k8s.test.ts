import { expect, test } from '@jest/globals';
import { consumerPause } from '../../../src/faults/consumer-pause.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { answers, isReady, openSandbox } from './cluster.ts';
import { deploymentTarget, readDeployment } from './workload.ts';

faultContract('consumer-pause', async () => {
  const sandbox = await openSandbox();
  await sandbox.deploy('consumer', { replicas: 2 });
  return {
    target: await deploymentTarget(sandbox, 'consumer'),
    params: {},
    lent: { cluster: sandbox.tools },
    broken: async () => (await readDeployment(sandbox, 'consumer')).spec.replicas === 0,
    dispose: sandbox.dispose,
  };
});

test('every pod stops, and as many come back', async () => {
  const sandbox = await openSandbox();
  try {
    const pods = await sandbox.deploy('consumer', { replicas: 2 });
    const act = await begin(consumerPause, await deploymentTarget(sandbox, 'consumer'), {}, { cluster: sandbox.tools });
    await until('none answers', async () => !(await Promise.all(pods.map(answers))).includes(true), 60_000);
    const silentMs = act.elapsedMs();
    expect(await sandbox.pods('consumer').then((now) => now.filter(isReady))).toEqual([]);
    const reverted = await finish(act);
    await until('both are back', async () => (await sandbox.pods('consumer')).filter(isReady).length === 2, 30_000);
    console.log('consumer-pause, ms:', { ...act.times, silentMs, ...reverted.times, backMs: reverted.elapsedMs() });
  } finally {
    await sandbox.dispose();
  }
});

import { expect, test } from '@jest/globals';
import { zoneEvict } from '../../../src/faults/zone-evict.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { isReady, openSandbox, type Sandbox } from './cluster.ts';
import { readNode } from './node.ts';
import { deploymentTarget } from './workload.ts';

/** The one worker of zone c. */
const [zone, node] = ['c', 'w3'];
const policy = { allowNodes: [node] };
const thereOf = async (sandbox: Sandbox): Promise<number> =>
  (await sandbox.pods('web')).filter((pod) => isReady(pod) && pod.spec.nodeName === node).length;

faultContract('zone-evict', async () => {
  const sandbox = await openSandbox();
  await sandbox.deploy('web', { replicas: 3, spread: true });
  return {
    target: await deploymentTarget(sandbox, 'web'),
    params: { zone },
    policy,
    lent: { cluster: sandbox.tools },
    broken: async () => (await readNode(sandbox, node)).spec.unschedulable === true,
    dispose: sandbox.dispose,
  };
});

test('the pods of one workload leave a zone, those of another stay, and the zone takes pods again when it ends', async () => {
  const sandbox = await openSandbox();
  try {
    await sandbox.deploy('web', { replicas: 3, spread: true });
    const [other] = await sandbox.deploy('other', { replicas: 1, nodeName: node });
    expect(await thereOf(sandbox)).toBe(1);
    const act = await begin(zoneEvict, await deploymentTarget(sandbox, 'web'), { zone }, { cluster: sandbox.tools, policy });
    await until('none of it is there', async () => (await thereOf(sandbox)) === 0, 30_000);
    const emptyMs = act.elapsedMs();
    expect((await sandbox.pods('other'))[0]?.metadata.uid).toBe(other?.metadata.uid);
    const reverted = await finish(act);
    await until('it is spread again', async () => (await sandbox.pods('web')).filter(isReady).length === 3, 30_000);
    console.log('zone-evict, ms:', { ...act.times, emptyMs, ...reverted.times, spreadMs: reverted.elapsedMs() });
  } finally {
    await sandbox.dispose();
  }
});

test('a zone that holds every pod of the workload is refused', async () => {
  const sandbox = await openSandbox();
  try {
    await sandbox.deploy('web', { replicas: 2, nodeName: node });
    const target = await deploymentTarget(sandbox, 'web');
    await expect(begin(zoneEvict, target, { zone }, { cluster: sandbox.tools, policy })).rejects.toMatchObject({
      code: 'plan/blast-radius',
    });
  } finally {
    await sandbox.dispose();
  }
});

import { expect, test } from '@jest/globals';
import { podEvict } from '../../../src/faults/pod-evict.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin } from './acts.ts';
import { answers, core, isReady, openSandbox, podTarget, protect } from './cluster.ts';

faultContract('pod-evict', async () => {
  const sandbox = await openSandbox();
  const [pod] = await sandbox.deploy('web', { replicas: 1 });
  const { name, uid } = pod!.metadata;
  return {
    target: podTarget(pod!),
    params: {},
    lent: { cluster: sandbox.tools },
    async broken() {
      const now = await sandbox.api.get({ ...core, resource: 'pods', namespace: sandbox.namespace }, name);
      return now === null || now.metadata.uid !== uid || now.metadata.deletionTimestamp !== undefined;
    },
    dispose: sandbox.dispose,
  };
});

test('an eviction is felt from outside where a disruption budget allows it, and refused in its words where not', async () => {
  const sandbox = await openSandbox();
  try {
    const [first, second] = await sandbox.deploy('web', { replicas: 2 });
    await protect(sandbox, 'web', 1);
    const act = await begin(podEvict, podTarget(first!), {}, { cluster: sandbox.tools });
    await expect(begin(podEvict, podTarget(second!), {}, { cluster: sandbox.tools })).rejects.toMatchObject({
      code: 'guard/blocked',
      message: expect.stringContaining("violate the pod's disruption budget"),
    });
    expect(await answers(second!)).toBe(true);
    await until('the evicted one answers no more', async () => !(await answers(first!)), 60_000);
    const silentMs = act.elapsedMs();
    await until('another one is ready', async () => (await sandbox.pods('web')).filter(isReady).length === 2, 30_000);
    console.log('pod-evict, ms:', { ...act.times, silentMs, replacedMs: act.elapsedMs() });
  } finally {
    await sandbox.dispose();
  }
});

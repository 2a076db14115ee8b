import { expect, test } from '@jest/globals';
import { nodeCordon } from '../../../src/faults/node-cordon.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { isReady, openSandbox, serve } from './cluster.ts';
import { nodeTarget, readNode } from './node.ts';

const node = 'w3';

faultContract('node-cordon', async () => {
  const sandbox = await openSandbox();
  return {
    target: nodeTarget(await readNode(sandbox, node)),
    params: {},
    lent: { cluster: sandbox.tools },
    broken: async () => (await readNode(sandbox, node)).spec.unschedulable === true,
    dispose: sandbox.dispose,
  };
});

test('a pod that may only run on a cordoned node waits, and starts when the cordon ends', async () => {
  const sandbox = await openSandbox();
  try {
    const act = await begin(nodeCordon, nodeTarget(await readNode(sandbox, node)), {}, { cluster: sandbox.tools });
    await serve(sandbox, 'waiting', { replicas: 1, nodeName: node });
    const unscheduled = async (): Promise<boolean> => {
      const [pod] = await sandbox.pods('waiting');
      return pod?.status.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'False') ?? false;
    };
    await until('the scheduler leaves it aside', unscheduled);
    const feltMs = act.elapsedMs();
    const reverted = await finish(act);
    await until('it runs', async () => (await sandbox.pods('waiting')).every(isReady), 30_000);
    console.log('node-cordon, ms:', { ...act.times, feltMs, ...reverted.times, runsMs: reverted.elapsedMs() });
    expect(reverted.evidence.summary).toBe(`node ${node} is as it was`);
  } finally {
    await sandbox.dispose();
  }
});

import { expect, test } from '@jest/globals';
import { nodeTaint } from '../../../src/faults/node-taint.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { isReady, openSandbox, serve } from './cluster.ts';
import { nodeOfTheCluster, nodeTarget, readNode } from './node.ts';

const node = 'w3';

faultContract('node-taint', async () => {
  const sandbox = await openSandbox();
  return {
    target: nodeTarget(await readNode(sandbox, node)),
    params: { key: 'drill.example/contract', value: 'a', effect: 'NoSchedule' },
    lent: { cluster: sandbox.tools },
    broken: async () => (await readNode(sandbox, node)).spec.taints?.some(({ key }) => key === 'drill.example/contract') ?? false,
    dispose: sandbox.dispose,
  };
});

test('NoExecute is refused on a node whose other pods it would end too', async () => {
  const sandbox = await openSandbox();
  try {
    const itsNode = await nodeOfTheCluster(sandbox);
    await sandbox.deploy('web', { replicas: 1, nodeName: itsNode });
    const target = nodeTarget(await readNode(sandbox, itsNode));
    const policy = { allowNamespaces: [sandbox.namespace] };
    const context = createContext('untouchable-1-1', policy, { cluster: sandbox.tools });
    const params = nodeTaint.params.parse({ effect: 'NoExecute' });
    await expect(nodeTaint.prepare(context, target, params)).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringMatching(/also runs .* in namespaces that .* does not allow/),
    });
  } finally {
    await sandbox.dispose();
  }
});

test('a pod that does not tolerate it waits, and starts when the taint is off', async () => {
  const sandbox = await openSandbox();
  try {
    const target = nodeTarget(await readNode(sandbox, node));
    const act = await begin(nodeTaint, target, {}, { cluster: sandbox.tools });
    await serve(sandbox, 'waiting', { replicas: 1, nodeName: node });
    await until('the scheduler leaves it aside', async () => {
      const [pod] = await sandbox.pods('waiting');
      return pod?.status.conditions?.some(({ type, status }) => type === 'PodScheduled' && status === 'False') ?? false;
    });
    const feltMs = act.elapsedMs();
    const reverted = await finish(act);
    await until('it runs', async () => (await sandbox.pods('waiting')).every(isReady), 30_000);
    console.log('node-taint, ms:', { ...act.times, feltMs, ...reverted.times, runsMs: reverted.elapsedMs() });
  } finally {
    await sandbox.dispose();
  }
});

import { expect, test } from '@jest/globals';
import { nodeDrain } from '../../../src/faults/node-drain.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { until } from '../../faults/until.ts';
import { begin, finish } from './acts.ts';
import { isReady, openSandbox, protect } from './cluster.ts';
import { nodeOfTheCluster, nodeTarget, readNode, withoutOthers } from './node.ts';

const node = 'w3';

faultContract('node-drain', async () => {
  const sandbox = await openSandbox();
  await sandbox.deploy('web', { replicas: 1, nodeName: node });
  return {
    target: nodeTarget(await readNode(sandbox, node)),
    params: {},
    policy: { allowNamespaces: [sandbox.namespace] },
    lent: { cluster: withoutOthers(sandbox) },
    broken: async () => (await readNode(sandbox, node)).spec.unschedulable === true,
    dispose: sandbox.dispose,
  };
});

test('a node on which the cluster itself has pods is not drained', async () => {
  const sandbox = await openSandbox();
  try {
    const itsNode = await nodeOfTheCluster(sandbox);
    const target = nodeTarget(await readNode(sandbox, itsNode));
    const policy = { allowNamespaces: [sandbox.namespace, 'kube-system'] };
    const context = createContext('untouchable-1-1', policy, { cluster: sandbox.tools });
    await expect(nodeDrain.prepare(context, target, nodeDrain.params.parse({}))).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringMatching(/also runs .* in namespaces that .* does not allow/),
    });
    expect((await readNode(sandbox, itsNode)).spec.unschedulable).toBeUndefined();
  } finally {
    await sandbox.dispose();
  }
});

test('pods leave one after the other as their disruption budget allows, and may come back when the node is uncordoned', async () => {
  const sandbox = await openSandbox();
  try {
    const pods = await sandbox.deploy('web', { replicas: 3, spread: true });
    const there = pods.filter(({ spec }) => spec.nodeName === node).length;
    expect(there).toBe(1);
    await sandbox.deploy('pinned', { replicas: 2, nodeName: node });
    await protect(sandbox, 'pinned', 1);
    const target = nodeTarget(await readNode(sandbox, node));
    const lent = { cluster: withoutOthers(sandbox), policy: { allowNamespaces: [sandbox.namespace] } };
    const act = await begin(nodeDrain, target, {}, lent);
    expect(act.evidence).toMatchObject({
      summary: expect.stringMatching(/is cordoned; \d of \d pods evicted, 1 held by a disruption budget/),
      data: { cordoned: true, evicted: there + 1 },
    });
    await until(
      'those that may run elsewhere do',
      async () => {
        const now = await sandbox.pods('web');
        return now.filter(isReady).length === 3 && now.every(({ spec }) => spec.nodeName !== node);
      },
      30_000,
    );
    const movedMs = act.elapsedMs();
    await act.fault.adjust?.(act.context, act.target, act.params, act.undo);
    expect((await sandbox.pods('pinned')).filter(isReady)).toHaveLength(1);

    const reverted = await finish(act);
    await until(
      'the budget’s pods are both back',
      async () => (await sandbox.pods('pinned')).filter(isReady).length === 2,
      30_000,
    );
    console.log('node-drain, ms:', { ...act.times, movedMs, ...reverted.times, backMs: reverted.elapsedMs() });
  } finally {
    await sandbox.dispose();
  }
});

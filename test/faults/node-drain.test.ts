import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import { nodeDrain } from '../../src/faults/node-drain.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';
import { addPod } from './subjects/pod.ts';

const target = { kind: 'node', service: 'nodes', name: 'w1', uid: 'uid-of-w1', locator: { node: 'w1' } } as const;

describe('node-drain', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', { allowNamespaces: ['shop'] }, { cluster });
    cluster.put(
      { apiVersion: 'v1', resource: 'nodes', namespace: null, name: 'w1' },
      { metadata: { uid: 'uid-of-w1' }, spec: {} },
    );
    for (const name of ['a', 'b']) addPod(cluster, name);
    addPod(cluster, 'elsewhere', { node: 'w2' });
  });

  const params = (given: JsonObject = {}) => nodeDrain.params.parse(given);
  const drain = async () => {
    const undo = await nodeDrain.prepare(context, target, params());
    await nodeDrain.inject(context, target, params(), undo);
    return undo;
  };

  test('evicts what runs on the node, each journaled, and leaves DaemonSets and static pods', async () => {
    addPod(cluster, 'agent', { owner: { kind: 'DaemonSet', name: 'agent', uid: 'uid-of-ds' } });
    addPod(cluster, 'static', { owner: { kind: 'Node', name: 'w1', uid: 'uid-of-w1' } });
    const undo = await drain();
    expect(cluster.changes).toEqual(['patch nodes/w1', 'evict pods/a', 'evict pods/b']);
    expect(context.journaled).toEqual([{ 'evicted/uid-of-a': 'shop/a' }, { 'evicted/uid-of-b': 'shop/b' }]);
    expect(await nodeDrain.verify(context, target, params(), undo)).toMatchObject({
      summary: 'node w1 is cordoned; 2 of 2 pods evicted',
      data: {
        pods: [
          { pod: 'shop/a', state: 'terminating' },
          { pod: 'shop/b', state: 'terminating' },
        ],
      },
    });
  });

  test('asks again for what a disruption budget held, and tells its words', async () => {
    cluster.forbidEviction('b', 'The budget needs 1 healthy pod.');
    const undo = await drain();
    const { summary } = await nodeDrain.verify(context, target, params(), undo);
    expect(summary).toBe(
      'node w1 is cordoned; 1 of 2 pods evicted, 1 held by a disruption budget (The budget needs 1 healthy pod.)',
    );
    await nodeDrain.adjust?.(context, target, params(), undo);
    expect(cluster.changes).not.toContain('evict pods/b');
    cluster.forbidEviction('b', null);
    await nodeDrain.adjust?.(context, target, params(), undo);
    expect(cluster.changes).toContain('evict pods/b');
  });

  test('a node of which every pod is held is not drained', async () => {
    for (const name of ['a', 'b']) cluster.forbidEviction(name, 'No.');
    expect(await nodeDrain.verify(context, target, params(), await drain())).toMatchObject({ present: false });
  });

  test('evicts nothing more once it is reverted, and uncordons', async () => {
    cluster.forbidEviction('b', 'No.');
    const undo = await drain();
    await nodeDrain.revert(context, target, undo);
    cluster.forbidEviction('b', null);
    await nodeDrain.adjust?.(context, target, params(), undo);
    expect(cluster.changes).not.toContain('evict pods/b');
    expect(await cluster.get({ apiVersion: 'v1', resource: 'nodes', namespace: null, name: 'w1' })).toMatchObject({ spec: {} });
    expect((await nodeDrain.verifyReverted(context, target, undo)).present).toBe(false);
  });

  test.each([
    ['of a namespace that is not allowed', { namespace: 'bank' }, /bank\/other, in namespaces/],
    ['that nothing would replace', { owner: null }, /shop\/other, which nothing would replace/],
    ['whose emptyDir data would be lost', { emptyDir: true }, /shop\/other would lose/],
  ])('a node with a pod %s is refused', async (_what, pod, message) => {
    addPod(cluster, 'other', pod);
    await expect(nodeDrain.prepare(context, target, params())).rejects.toMatchObject({
      code: 'policy/denied',
      message: expect.stringMatching(message),
    });
  });

  test('the namespaces that run the cluster stay closed, whatever the policy says', async () => {
    addPod(cluster, 'dns', { namespace: 'kube-system' });
    const open = createContext('run-1-1', { allowNamespaces: ['shop', 'kube-system'] }, { cluster });
    await expect(nodeDrain.prepare(open, target, params())).rejects.toThrow(/kube-system\/dns/);
  });

  test('a node that somebody has cordoned already is refused', async () => {
    const ref = { apiVersion: 'v1', resource: 'nodes', namespace: null, name: 'w1' };
    cluster.put(ref, { metadata: { uid: 'uid-of-w1' }, spec: { unschedulable: true } });
    await expect(nodeDrain.prepare(context, target, params())).rejects.toMatchObject({ code: 'target/none' });
  });
});

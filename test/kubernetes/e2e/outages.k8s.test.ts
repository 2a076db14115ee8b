import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startNode } from '../../../lab/kubernetes/boot.ts';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { killNode, runInNode } from '../../../lab/kubernetes/node-process.ts';
import { workers } from '../../../lab/kubernetes/topology.ts';
import { eventually } from '../../lab/eventually.ts';
import { startClusterStack } from './cluster-stack.ts';
import type { ClusterStack } from './cluster-stack.ts';
import { whileApiServerStands } from './processes.ts';
import { becomesFast, startSlowPod } from './slow-pod.ts';

/** More than all that is waited for on the way. */
const limitMs = 600_000;
/** Where nothing of the lab lies that others need. */
const node = 'w3';
const taint = 'node.kubernetes.io/out-of-service=nodeshutdown:NoExecute';
let stack: ClusterStack;

beforeAll(async () => {
  stack = await startClusterStack('outages');
}, 300_000);

afterAll(() => stack?.stop(), 300_000);

afterEach(async () => {
  await stack.isIdle();
  // Nodes that could not report are given up for a moment, and their pods with them.
  for (const { name } of workers) await eventually(async () => expect(await readiness(name)).toBe('True'), 90_000);
  await eventually(async () => expect(await stack.shop.pods()).toHaveLength(3), 90_000);
}, limitMs);

const readiness = (name: string): Promise<string> =>
  kubectl('get', 'node', name, '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].status}');

describe('a fault within a pod', () => {
  test(
    'ends by its lease while the API server stands still, and the run says so when it answers again',
    async () => {
      const { run, victim } = await startSlowPod(stack);
      await whileApiServerStands(async () => {
        const frozenAt = performance.now();
        // Asked of the pod itself: nobody else could say.
        await becomesFast(stack.shop, victim, 30_000);
        expect(run.hasEnded()).toBe(false);
        await eventually(() => expect(performance.now() - frozenAt).toBeGreaterThan(30_000), 31_000);
      });
      const ended = await run.ended();

      expect(ended.code).toBe(6);
      const { outcome, injections } = stack.recordOf(ended);
      expect(outcome).toMatchObject({ ending: 'aborted', cleanup: 'clean' });
      expect(injections.map(({ status }) => [status?.phase, status?.cause])).toEqual([['reverted', 'lease']]);
    },
    limitMs,
  );

  test(
    'ends with its node when that loses its power and is given up, and the node comes back clean',
    async () => {
      const { name } = (await stack.shop.pods()).find((pod) => pod.node === node)!;
      const { run } = await startSlowPod(stack, { target: { service: 'web', to: 'callee', names: [name] }, hold: '5m' });

      await killNode(node);
      try {
        await eventually(async () => expect(await readiness(node)).toBe('Unknown'), 90_000);
        // What people do with a node that they know is off: what ran there may start elsewhere.
        await kubectl('taint', 'node', node, taint);
        // Not for ever: the node must come back whatever happens.
        await eventually(() => expect(run.hasEnded()).toBe(true), 60_000);
        const ended = await run.ended();

        expect(ended.code).toBe(6);
        const { outcome, injections } = stack.recordOf(ended);
        expect(outcome).toMatchObject({ ending: 'aborted', cleanup: 'clean' });
        expect(injections.map(({ status }) => [status?.phase, status?.cause])).toEqual([['reverted', 'target-gone']]);
        expect(injections[0]?.status?.revertEvidence).toMatchObject({ summary: expect.stringContaining(`node ${node} is gone`) });
      } finally {
        await startNode(node);
        await eventually(async () => expect(await readiness(node)).toBe('True'), 90_000);
        await kubectl('taint', 'node', node, `${taint}-`).catch(() => {});
      }
      await eventually(
        async () => expect(await kubectl('-n', stack.nodesNamespace, 'get', 'pods', '-o', 'name')).toBe(''),
        60_000,
      );
      expect(await runInNode(node, ['ps', '-eo', 'args'])).not.toContain('/agent/node');
      await eventually(async () => expect(await stack.shop.pods()).toHaveLength(3), 90_000);
      for (const pod of await stack.shop.pods()) await becomesFast(stack.shop, pod);
    },
    limitMs,
  );
});

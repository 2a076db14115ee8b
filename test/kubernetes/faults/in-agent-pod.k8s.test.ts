import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { statOf } from '../../../src/faults/shared/cgroup-figures.ts';
import { createContext } from '../../faults/context.ts';
import { until } from '../../faults/until.ts';
import { faultInPod } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { restartCount, runPod, targetOf } from './container.ts';
import { netemNode } from './netem-node.ts';

const idle = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1; done'];
const shape = {
  command: idle,
  volumes: [{ name: 'data', emptyDir: {} }],
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
  resources: { limits: { cpu: '300m', memory: '96Mi' } },
  securityContext: { runAsUser: 65534, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
};
const patience = 60_000;
// The node of another kernel has one processor, which it emulates.
const limitMs = 300_000;
jest.setTimeout(limitMs);

/** Both versions of cgroups: version 2 is on the node that has a kernel of its own. */
const nodes = { 'cgroup version 1': async () => 'w1', 'cgroup version 2': netemNode };

describe.each(Object.entries(nodes))('from a pod with no more than the rights of a node agent, with %s', (version, nodeOf) => {
  let sandbox: Sandbox;
  let node: string | null;
  let target: TargetRef;
  beforeAll(async () => {
    node = await nodeOf();
    sandbox = await openSandbox();
    if (node !== null) target = targetOf(await runPod(sandbox, 'loaded', { ...shape, nodeName: node }, limitMs));
  }, limitMs);
  afterAll(() => sandbox.dispose());

  /** What the container itself reads of its own cgroup. */
  const figure = (one: string, two: string): Promise<string> =>
    kubectl('exec', '-n', sandbox.namespace, 'loaded', '--', 'cat', `/sys/fs/cgroup/${version.endsWith('1') ? one : two}`);
  const throttled = async (): Promise<number> => statOf(await figure('cpu/cpu.stat', 'cpu.stat'), 'nr_throttled') ?? 0;
  const used = async (): Promise<number> => Number(await figure('memory/memory.usage_in_bytes', 'memory.current'));

  const begin = async (name: string, written: JsonObject, at: (target: TargetRef) => TargetRef = (one) => one) => {
    const fault = await faultInPod(sandbox, node ?? '', name);
    const aim = at(target);
    const context = createContext(`${name}-in-pod-1`);
    const params = fault.params.parse(written);
    const undo = await fault.prepare(context, aim, params);
    await fault.arm?.(context, aim, params, undo);
    await fault.inject(context, aim, params, undo);
    return {
      verify: () => fault.verify(context, aim, params, undo),
      async end() {
        await fault.revert(context, aim, undo);
        return fault.verifyReverted(context, aim, undo);
      },
    };
  };

  test('cpu-stress is held back by the limit, as the container itself can read, until it ends', async () => {
    if (node === null) return;
    const running = await begin('cpu-stress', { workers: 2 });
    await until('the container reads that it is throttled', async () => (await throttled()) > 5, patience);
    let seen = await running.verify();
    const takesItsShare = async (): Promise<boolean> => Number((seen = await running.verify()).data['cores']) > 0.2;
    await until('it takes what the limit gives it', takesItsShare, patience);
    const { present, data, summary } = seen;
    expect({ present, summary }).toMatchObject({
      present: true,
      summary: expect.stringMatching(/a limit of 0\.3, throttled in [1-9]/),
    });
    expect(data['cores']).toBeLessThan(0.45);
    expect(await running.end()).toMatchObject({ present: false, data: { left: 0 } });
    // To look is to work in the container too: up to 7 periods on the slow node. A load would be held back in each of 50.
    const after = await throttled();
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect((await throttled()) - after).toBeLessThan(20);
  });

  test('memory-stress fills the share, as the container itself can read, until it ends', async () => {
    if (node === null) return;
    const running = await begin('memory-stress', { limitPercent: '70%' });
    await until('the container reads it', async () => (await used()) > 0.6 * 96 * 2 ** 20, patience);
    expect(await running.verify()).toMatchObject({ present: true });
    expect(await running.end()).toMatchObject({ present: false, data: { left: 0 } });
    await until('the container reads that it is given back', async () => (await used()) < 0.3 * 96 * 2 ** 20, patience);
    expect(await restartCount(sandbox, 'loaded')).toBe(0);
  });

  test('disk-fill writes into the volume of a container that is not root, and takes it away', async () => {
    if (node === null) return;
    const filling = await begin('disk-fill', { bytes: '16MiB' }, (target) => ({
      ...target,
      kind: 'volume',
      locator: { ...target.locator, path: '/data', volume: 'emptyDir' },
    }));
    const list = (): Promise<string> => kubectl('exec', '-n', sandbox.namespace, 'loaded', '--', 'ls', '-a', '/data');
    expect(await list()).toContain('.firedrill-disk-fill-in-pod-1');
    expect(await filling.verify()).toMatchObject({ present: true, data: { filledBytes: 16 * 2 ** 20 } });
    expect(await filling.end()).toMatchObject({ present: false });
    expect(await list()).not.toContain('.firedrill');
  });

  // The last: what runs then is another container.
  test("container-kill reaches another user's process", async () => {
    if (node === null) return;
    const killed = await begin('container-kill', {});
    await until('it is seen gone', async () => (await killed.verify()).present, patience);
    await until('another runs', async () => (await restartCount(sandbox, 'loaded')) === 1, patience);
  });
});

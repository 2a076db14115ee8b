import { beforeEach, describe, expect, test } from '@jest/globals';
import { effectOf } from '../../src/faults/fault.ts';
import { podKill } from '../../src/faults/pod-kill.ts';
import { createFakeCluster, type FakeCluster } from '../fakes/cluster.ts';
import { createContext, type TestContext } from './context.ts';
import { addPod, podTarget } from './subjects/pod.ts';
import { until } from './until.ts';

describe('pod-kill', () => {
  let cluster: FakeCluster;
  let context: TestContext;
  beforeEach(() => {
    cluster = createFakeCluster();
    context = createContext('run-1-1', {}, { cluster });
    for (const name of ['a', 'b', 'c']) addPod(cluster, name);
  });

  /** As an agent does it, up to the verified effect. */
  async function kill(name: string, given: object, by = context) {
    const target = podTarget(name);
    const params = podKill.params.parse(given);
    const undo = await podKill.prepare(by, target, params);
    await podKill.inject(by, target, params, undo);
    return { target, params, undo, evidence: await podKill.verify(by, target, params, undo) };
  }

  test('it is an event once, and pulsed when repeated', () => {
    expect(effectOf(podKill, podKill.params.parse({}))).toBe('event');
    expect(effectOf(podKill, podKill.params.parse({ every: '10s' }))).toBe('pulsed');
  });

  test('a graceful kill is there while the pod is terminating, and a forced one when it is gone', async () => {
    expect((await kill('a', {})).evidence).toMatchObject({ present: true, data: { state: 'terminating' } });
    expect((await kill('b', { mode: 'forced' })).evidence).toMatchObject({ present: true, data: { state: 'gone' } });
  });

  test('what has replaced the pod is in the evidence, and its old siblings are not', async () => {
    cluster.onChange = () => void addPod(cluster, 'd', { ready: false });
    expect((await kill('a', {})).evidence).toMatchObject({
      summary: 'pod a is terminating; d came since (0 of 1 ready)',
      data: { replacements: ['d'], readyReplacements: 0 },
    });
  });

  test.each([
    ['is gone', () => void cluster.delete(podRef('a'), { uid: 'uid-of-a', gracePeriodSeconds: 0 })],
    ['is another one by now', () => void addPod(cluster, 'a', { uid: 'uid-of-another' })],
    ['is not ready', () => void addPod(cluster, 'a', { ready: false })],
  ])('a pod that %s is not killed', async (state, change) => {
    change();
    await expect(podKill.prepare(context, podTarget('a'), podKill.params.parse({}))).rejects.toMatchObject({
      code: 'target/none',
      message: expect.stringContaining(state),
    });
  });

  test('a pod that was replaced under its name since the plan lives on', async () => {
    const target = podTarget('a');
    const params = podKill.params.parse({});
    const undo = await podKill.prepare(context, target, params);
    addPod(cluster, 'a', { uid: 'uid-of-another' });
    await expect(podKill.inject(context, target, params, undo)).rejects.toMatchObject({ code: 'target/none' });
    expect(cluster.changes).toEqual([]);
  });

  test('a pod that nothing would replace is refused', async () => {
    addPod(cluster, 'a', { owner: null });
    addPod(cluster, 'b', { owner: { kind: 'Node', name: 'w1', uid: 'uid-of-w1' } });
    const params = podKill.params.parse({});
    await expect(podKill.prepare(context, podTarget('a'), params)).rejects.toThrow(/no owner/);
    await expect(podKill.prepare(context, podTarget('b'), params)).rejects.toThrow(/static pod of node w1/);
  });

  test('each further kill is journaled before it happens, takes a ready replacement, and they stop after their times', async () => {
    const { target, params, undo } = await kill('a', { mode: 'forced', every: '2s', times: 2 });
    const adjust = async (): Promise<void> => podKill.adjust?.(context, target, params, undo);
    const startedAt = performance.now();
    addPod(cluster, 'd', { ready: false });
    await until('its time has come', () => performance.now() - startedAt > 2100);
    await adjust();
    expect(context.journaled).toEqual([]);

    addPod(cluster, 'd');
    const seen: unknown[] = [];
    cluster.onChange = () => seen.push([...context.journaled]);
    await adjust();
    expect(seen).toEqual([[{ kills: 2, last: { name: 'd', uid: 'uid-of-d' } }]]);
    expect(cluster.changes).toEqual(['delete pods/a', 'delete pods/d']);

    addPod(cluster, 'e');
    await until('its time has come', () => performance.now() - startedAt > 4300);
    await adjust();
    expect(cluster.changes).toHaveLength(2);
    await podKill.revert(context, target, undo);
    expect((await podKill.verifyReverted(context, target, undo)).present).toBe(false);
  });

  test('two injections on one workload never choose the same replacement', async () => {
    const other = createContext('run-1-2', {}, { cluster });
    const one = await kill('a', { mode: 'forced', every: '2s' });
    const two = await kill('b', { mode: 'forced', every: '2s' }, other);
    const startedAt = performance.now();
    addPod(cluster, 'd');
    addPod(cluster, 'e');
    await until('their time has come', () => performance.now() - startedAt > 2100);
    await Promise.all([
      podKill.adjust?.(context, one.target, one.params, one.undo),
      podKill.adjust?.(other, two.target, two.params, two.undo),
    ]);
    expect([...cluster.changes].sort()).toEqual(['a', 'b', 'd', 'e'].map((name) => `delete pods/${name}`));
    await podKill.revert(context, one.target, one.undo);
    await podKill.revert(other, two.target, two.undo);
  });

  test.each([{ times: 3 }, { every: '1s' }, { mode: 'hard' }, { every: '10s', times: 1 }])('%j is refused', (given) => {
    expect(podKill.params.safeParse(given).success).toBe(false);
  });

  const podRef = (name: string) => ({ apiVersion: 'v1', resource: 'pods', namespace: 'shop', name });
});

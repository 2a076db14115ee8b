import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { netemContract } from '../../contracts/netem.ts';
import { createContext } from '../../faults/context.ts';
import { faultInPod } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { netemNode } from './netem-node.ts';
import { quickestMs, startLink, type PodLink } from './pod-link.ts';

const node = await netemNode();
const withNetem = node === null ? describe.skip : describe;

withNetem('faults on packets, by an agent on a kernel with netem', () => {
  let sandbox: Sandbox;
  let link: PodLink;
  let latency: Fault;
  let partition: Fault;
  let lastId = 0;
  beforeAll(async () => {
    sandbox = await openSandbox();
    [link, latency] = await Promise.all([startLink(sandbox, node ?? ''), faultInPod(sandbox, node ?? '', 'network-latency')]);
    partition = await faultInPod(sandbox, node ?? '', 'network-partition');
  }, 300_000);
  afterAll(() => sandbox.dispose());

  netemContract('a real kernel', () => ({
    fault: latency,
    target: link.target,
    context: () => createContext(`netem-${process.pid}-${(lastId += 1)}`),
    prepare: (context, params) => latency.prepare(context, link.target, params),
  }));

  async function inject(fault: Fault, written: JsonObject) {
    const context = createContext(`netem-${process.pid}-${(lastId += 1)}`);
    const params = fault.params.parse(written);
    const undo = await fault.prepare(context, link.target, params);
    await fault.arm?.(context, link.target, params, undo);
    await fault.inject(context, link.target, params, undo);
    return { context, params, undo };
  }
  async function revert(fault: Fault, { context, undo }: Awaited<ReturnType<typeof inject>>) {
    await fault.revert(context, link.target, undo);
    return fault.verifyReverted(context, link.target, undo);
  }

  test('network-latency takes netem, also for open connections, and puts the queues back word for word', async () => {
    await link.call({ kept: true });
    const held = await inject(latency, { delay: '300ms' });
    const seen = await latency.verify(held.context, link.target, held.params, held.undo);
    expect(seen).toMatchObject({ present: true, data: { engine: 'netem', via: 'connect' } });
    const slow = await link.call({ kept: true });
    expect(slow.ms).toBeGreaterThanOrEqual(300);
    expect((await link.call({ to: 'endpoint' })).ms).toBeGreaterThanOrEqual(600);
    const other = await quickestMs(link, { to: 'other' });
    expect(other).toBeLessThan(300);
    expect(await revert(latency, held)).toMatchObject({ present: false, data: { restored: true } });
    const after = await quickestMs(link, { kept: true });
    expect(after).toBeLessThan(300);
    console.log('netem, 300 ms:', seen.summary, JSON.stringify({ slow, other, after }));
  });

  test('network-latency draws each delay as it is told, and none is left', async () => {
    const held = await inject(latency, { delay: '200ms', jitter: '100ms', correlation: '25%', distribution: 'normal' });
    const drawn = await link.sample(100);
    // A delay without jitter would let none be quicker than itself.
    expect(Math.min(...drawn)).toBeLessThan(180);
    expect(Math.max(...drawn)).toBeGreaterThan(220);
    expect(await revert(latency, held)).toMatchObject({ present: false, data: { restored: true } });
    const after = await link.sample(100);
    const median = (all: readonly number[]): number => all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;
    expect(median(after)).toBeLessThan(100);
    console.log('netem, 200 ms ± 100 ms, medians:', median(drawn), median(after));
  });

  test('a second fault on the device is refused, and taking it back leaves the first as it is', async () => {
    const held = await inject(latency, { delay: '300ms' });
    await expect(inject(latency, { delay: '100ms' })).rejects.toMatchObject({ code: 'claim/taken' });
    const second = createContext('netem-second-1-1');
    await latency.revert(second, link.target, held.undo);
    expect((await link.call({ kept: true })).ms).toBeGreaterThanOrEqual(300);
    expect(await revert(latency, held)).toMatchObject({ present: false, data: { restored: true } });
  });

  test('what it cannot do is refused, for there is no other engine here', async () => {
    const context = createContext('netem-refused-1-1');
    const params = latency.params.parse({ delay: '100ms', bandwidth: '64KiB/s', connections: 'reset' });
    await expect(latency.prepare(context, link.target, params)).rejects.toThrow(
      /netem: it cannot do bandwidth; relay: this node's kernel cannot/,
    );
  });

  test('network-partition loses what the pod sends', async () => {
    const held = await inject(partition, { direction: 'egress' });
    expect(await link.call({ timeoutMs: 1500 })).toMatchObject({ ms: null, error: 'timeout' });
    expect((await link.call({ to: 'other' })).ms).not.toBeNull();
    const seen = await partition.verify(held.context, link.target, held.params, held.undo);
    expect(seen).toMatchObject({ present: true, data: { engine: 'netem', silent: true } });
    expect((await revert(partition, held)).present).toBe(false);
    expect((await link.call()).ms).not.toBeNull();
    console.log('netem, all lost:', seen.summary, JSON.stringify(seen.data));
  });
});

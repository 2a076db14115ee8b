import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { networkLatency } from '../../src/faults/network-latency.ts';
import { networkLoss } from '../../src/faults/network-loss.ts';
import { netemContract } from '../contracts/netem.ts';
import { createPacketNode, queuesBefore, type PacketNode } from '../fakes/packet-node.ts';
import { createContext, type TestContext } from './context.ts';

const destinations = [
  { address: '10.96.0.7', port: 80, protocol: 'tcp' as const },
  { address: '10.244.4.9', port: 8080, protocol: 'tcp' as const },
];
const target: TargetRef = {
  kind: 'link',
  service: 'callers',
  name: 'callee',
  uid: 'uid-of-pod',
  locator: { podUid: 'uid-of-pod', hostNetwork: false, destinations },
};
const devices = [{ name: 'eth0', before: queuesBefore, txQueueLength: 0 }];
const pod = { engine: 'netem' as const, why: 'the only one asked for', netns: 'net:[7]', destinations, devices };
let lastId = 0;
let node: PacketNode;
beforeEach(() => void (node = createPacketNode()));
const newContext = (): TestContext => createContext(`netem-${(lastId += 1)}-1-1`, {}, { node });

netemContract('the fake', () => ({
  fault: networkLatency as never,
  target,
  context: newContext,
  prepare: async (_context, params) => ({
    engine: 'netem',
    baselineMs: 1,
    toxic: params['toxic'] as JsonObject,
    probePath: null,
    direction: params['direction'] as string,
    pod: structuredClone(pod),
  }),
}));

describe('a look at a delay of the kernel', () => {
  const start = async (written: object = {}, baselineMs: number | null = 1, released = true) => {
    const context = newContext();
    const params = networkLatency.params.parse({ delay: '300ms', engine: 'netem', ...written });
    const { toxic, direction } = params;
    const undo = { engine: 'netem' as const, baselineMs, toxic, probePath: null, direction, pod };
    await networkLatency.arm?.(context, target, params, undo);
    if (released) await networkLatency.inject(context, target, params, undo);
    return {
      look: () => networkLatency.verify(context, target, params, undo),
      revert: () => networkLatency.revert(context, target, undo),
      readBack: () => networkLatency.verifyReverted(context, target, undo),
    };
  };

  test('sees it again and again, also when the far end is slow or silent by itself', async () => {
    const { look } = await start();
    for (const farMs of [1, 900, null, 2]) {
      node.farMs = farMs;
      expect(await look()).toMatchObject({ present: true, data: { waited: 1 } });
    }
  });

  const ways = ['egress', 'ingress', 'both'];
  test.each(ways)('of %s sees it again and again, also when the far end is slow by itself', async (direction) => {
    const { look } = await start({ direction });
    for (const farMs of [1, 900, 2]) {
      node.farMs = farMs;
      expect(await look()).toMatchObject({ present: true, data: { waited: direction === 'both' ? 2 : 1 } });
    }
  });

  test.each<[string, string, () => void, number]>([
    ['ingress', 'packets are not turned any more', () => node.deleteTurns(), 1],
    ['ingress', 'packets are not turned any more, and the far end is slow by itself', () => node.deleteTurns(), 900],
    ['both', 'packets that come in are not turned any more', () => node.deleteTurns(), 1],
    ['both', 'those are not, and the far end is slow by itself', () => node.deleteTurns(), 900],
    ['ingress', 'nothing is there that turns packets', () => node.deleteIngress(), 900],
    ['ingress', 'the queue was taken away', () => node.deleteRoot(), 900],
    ['both', 'somebody has made it shorter', () => node.changeDelay(30), 900],
  ])('of %s sees that it is gone when %s', async (direction, _, interfere, farMs) => {
    const { look } = await start({ direction });
    node.farMs = farMs;
    interfere();
    expect((await look()).present).toBe(false);
  });

  test('of ingress says neither that it is there nor that it is gone while nothing comes', async () => {
    const { look } = await start({ direction: 'ingress' });
    node.farMs = null;
    await expect(look()).rejects.toMatchObject({ code: 'upstream/unreachable' });
  });

  test.each<[string, () => void, number]>([
    ['the queue was taken away', () => node.deleteRoot(), 1],
    ['the queue was taken away, and the far end is slow by itself', () => node.deleteRoot(), 900],
    ['its packets go past the queue', () => node.deleteFilters(), 1],
    ['its packets go past the queue, and the far end is slow by itself', () => node.deleteFilters(), 900],
    ['somebody has made it shorter', () => node.changeDelay(30), 1],
    ['somebody has made it shorter, and the far end is slow by itself', () => node.changeDelay(30), 900],
  ])('sees that it is gone when %s', async (_, interfere, farMs) => {
    const { look } = await start();
    node.farMs = farMs;
    interfere();
    expect((await look()).present).toBe(false);
  });

  test('that could send nothing says neither that it is there nor that it is gone', async () => {
    const { look } = await start();
    node.sends = false;
    await expect(look()).rejects.toMatchObject({ code: 'upstream/unreachable' });
  });

  test('takes an early answer for its end only where no delay is drawn that short', async () => {
    const even = await start({ jitter: '100ms' });
    node.earlierMs = 250;
    expect((await even.look()).present).toBe(false);
    await even.revert();
    const drawn = await start({ jitter: '100ms', distribution: 'normal' });
    expect((await drawn.look()).present).toBe(true);
  });

  test('asks the kernel alone where no destination can be measured', async () => {
    const { look } = await start({}, null);
    expect((await look()).present).toBe(true);
    node.changeDelay(30);
    expect((await look()).present).toBe(false);
  });

  const links = ['ip -force -batch -'];
  const shows = ['tc -j -s -batch -', 'ip -j -batch -'];
  test.each([
    ['egress', ['tc -batch -', 'tc -force -batch -', ...links, ...shows, 'tc -batch -']],
    ['ingress', ['tc -batch -', 'tc -batch -', ...links, ...shows, 'ip -batch -', 'tc -batch -']],
    ['both', ['tc -batch -', 'tc -force -batch -', 'tc -batch -', ...links, ...shows, 'ip -batch -', 'tc -batch -']],
  ])(
    'of %s starts no process between a release and its effect, nor between the revert and its read-back',
    async (direction, armed) => {
      const { revert, readBack, look } = await start({ direction });
      expect(node.started).toEqual(['link-prober', ...armed]);
      await look();
      expect(node.started.slice(armed.length + 1)).toEqual(['tc -j -s -batch -', 'tc -j -s -batch -']);
      await revert();
      expect(await readBack()).toMatchObject({ present: false, data: { restored: true } });
      expect(node.started).toHaveLength(armed.length + 3);
    },
  );

  test.each<[string, string, boolean, () => void]>([
    ...ways.flatMap((direction): [string, string, boolean, () => void][] => [
      [direction, 'it was there', true, () => {}],
      [direction, 'it was armed and never released', false, () => {}],
      [direction, 'its pod is gone', true, () => void (node.there = false)],
    ]),
    ['egress', 'somebody else has a queue there by then', true, () => node.addIngress()],
  ])('of %s leaves no process that waits, when %s', async (direction, _, released, meanwhile) => {
    const { revert, readBack } = await start({ direction }, 1, released);
    expect(node.waiting()).toBeGreaterThan(0);
    meanwhile();
    await revert();
    await readBack();
    expect(node.waiting()).toBe(0);
  });

  test('the length that the kernel gives a device with our queue is taken back, also by an agent that did not arm it', async () => {
    const { revert, readBack } = await start();
    node.killWaiting();
    await revert();
    expect(await readBack()).toMatchObject({ data: { restored: true } });
  });

  test('a revert leaves an ingress that is not ours, and takes our device all the same', async () => {
    const { revert, readBack } = await start({ direction: 'ingress' });
    node.deleteIngress();
    node.addIngress();
    await revert();
    expect(await readBack()).toMatchObject({ present: false, data: { restored: false } });
    expect(node.shown()).toEqual([
      expect.objectContaining({ kind: 'noqueue', dev: 'eth0' }),
      expect.objectContaining({ kind: 'ingress', dev: 'eth0' }),
    ]);
  });

  test.each(ways)('of %s: what waits in vain is not missed', async (direction) => {
    const { revert, readBack } = await start({ direction });
    node.killWaiting();
    await revert();
    expect(await readBack()).toMatchObject({ present: false, data: { restored: true } });
  });

  test('a pod that is gone is not taken for one that was looked at', async () => {
    const { revert, readBack } = await start();
    node.there = false;
    await revert();
    expect(await readBack()).toMatchObject({ present: false, summary: expect.stringContaining('the pod is gone') });
  });
});

describe('a look at packets that are lost', () => {
  const start = async (written: object) => {
    const context = newContext();
    const params = networkLoss.params.parse(written);
    const undo = { pod, ...params };
    await networkLoss.arm?.(context, target, params, undo);
    await networkLoss.inject(context, target, params, undo);
    return {
      look: () => networkLoss.verify(context, target, params, undo),
      revert: () => networkLoss.revert(context, target, undo),
      readBack: () => networkLoss.verifyReverted(context, target, undo),
    };
  };

  test('of which a few are, says neither that it is there nor that it is gone while it meets none', async () => {
    const { look } = await start({ corruption: '1%' });
    node.met = 2;
    expect(await look()).toMatchObject({ present: true, data: { connections: 60, late: 2 } });
    node.met = 0;
    await expect(look()).rejects.toMatchObject({ code: 'upstream/unreachable', message: expect.stringContaining('chance') });
  });

  test('that come in are looked for in the same way', async () => {
    const { look, revert, readBack } = await start({ loss: '50%', direction: 'both' });
    node.met = 30;
    expect(await look()).toMatchObject({ present: true, data: { connections: 60, late: 30, packets: 120 } });
    node.deleteTurns();
    expect((await look()).present).toBe(false);
    await revert();
    expect(await readBack()).toMatchObject({ present: false, data: { restored: true } });
  });

  test.each(['ingress', 'both'])('cannot be corrupted where they come in (%s): it would be believed', (direction) => {
    expect(() => networkLoss.params.parse({ corruption: '5%', direction })).toThrow(/corruption goes with direction egress/);
  });

  test('of which half are, and meets none, sees that it is gone', async () => {
    const { look } = await start({ corruption: '50%' });
    expect((await look()).present).toBe(false);
  });

  test('sees that packets go past the queue, whatever has come to it before', async () => {
    const { look } = await start({ duplication: '100%' });
    expect((await look()).present).toBe(true);
    node.deleteFilters();
    expect((await look()).present).toBe(false);
  });

  test('is made after the revert by who measured before', async () => {
    const { look, revert, readBack } = await start({ loss: '50%' });
    node.met = 30;
    expect((await look()).present).toBe(true);
    await revert();
    expect(await readBack()).toMatchObject({ present: false, data: { restored: true, late: 0 } });
    expect(node.started.filter((name) => name === 'link-prober')).toHaveLength(1);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { kubectl } from '../../../lab/kubernetes/kubectl.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Fault } from '../../../src/faults/fault.ts';
import { createContext } from '../../faults/context.ts';
import { until } from '../../faults/until.ts';
import { faultInPod } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { restartCount } from './container.ts';
import { inNetworkOf, stateOf } from './in-network.ts';
import { netemNode } from './netem-node.ts';
import { quickestMs, startLink, type PodLink } from './pod-link.ts';

const node = await netemNode();
const withNetem = node === null ? describe.skip : describe;

withNetem('faults on what comes to a pod, by an agent on a kernel with netem', () => {
  let sandbox: Sandbox;
  let link: PodLink;
  let before: string;
  let lastId = 0;
  const faults: Record<string, Fault> = {};
  beforeAll(async () => {
    sandbox = await openSandbox();
    const latency = faultInPod(sandbox, node ?? '', 'network-latency');
    [link, faults['network-latency']] = await Promise.all([startLink(sandbox, node ?? ''), latency]);
    for (const name of ['network-loss', 'network-partition']) faults[name] = await faultInPod(sandbox, node ?? '', name);
    before = await stateOf(sandbox, link.target);
  }, 300_000);
  afterAll(() => sandbox.dispose());
  afterEach(async () => expect(await stateOf(sandbox, link.target)).toBe(before));

  /** Until the end of `use`, with all that it may be asked. */
  async function during(
    name: string,
    written: JsonObject,
    use: (held: Awaited<ReturnType<typeof inject>>) => Promise<void>,
  ): Promise<void> {
    const held = await inject(name, written);
    try {
      await use(held);
    } finally {
      const askedAt = performance.now();
      const gone = await held.revert();
      console.log(name, JSON.stringify(written), `revert and read-back: ${Math.round(performance.now() - askedAt)} ms`);
      expect(gone).toMatchObject({ present: false, data: { restored: true } });
    }
  }
  async function inject(name: string, written: JsonObject) {
    const fault = faults[name]!;
    const context = createContext(`netem-ingress-${process.pid}-${(lastId += 1)}`);
    const params = fault.params.parse(written);
    const undo = await fault.prepare(context, link.target, params);
    await fault.arm?.(context, link.target, params, undo);
    await fault.inject(context, link.target, params, undo);
    return {
      verify: () => fault.verify(context, link.target, params, undo),
      revert: async (by = context) => {
        await fault.revert(by, link.target, undo);
        return fault.verifyReverted(by, link.target, undo);
      },
      id: context.injectionId,
    };
  }

  test.each([
    { direction: 'ingress', packets: 1 },
    { direction: 'both', packets: 2 },
  ])('network-latency of $direction: answers come so much later, new and open, and nobody else is touched', async (given) => {
    const { direction, packets } = given;
    await link.call({ kept: true });
    await during('network-latency', { delay: '300ms', direction }, async ({ verify }) => {
      const seen = await verify();
      expect(seen).toMatchObject({ present: true, data: { engine: 'netem', via: 'connect' } });
      expect((await link.call({ kept: true })).ms).toBeGreaterThanOrEqual(packets * 300);
      // A new connection waits for its opening and for its answer.
      expect((await link.call({ to: 'endpoint' })).ms).toBeGreaterThanOrEqual(packets * 600);
      expect(await quickestMs(link, { to: 'other' })).toBeLessThan(300);
      console.log(direction, seen.summary);
    });
    expect(await quickestMs(link, { kept: true })).toBeLessThan(300);
  });

  test.each([
    { direction: 'ingress', arrives: true },
    { direction: 'both', arrives: false },
  ])('network-partition of $direction: the pod hears nothing, and what it sends arrives: $arrives', async (given) => {
    await link.call({ kept: true });
    await during('network-partition', { direction: given.direction, engine: 'netem' }, async ({ verify }) => {
      const heard = await link.heard();
      expect(await link.call({ kept: true, timeoutMs: 1500 })).toMatchObject({ ms: null, error: 'timeout' });
      expect((await link.heard()) > heard).toBe(given.arrives);
      expect(await link.call({ timeoutMs: 1500 })).toMatchObject({ ms: null, error: 'timeout' });
      expect((await link.call({ to: 'other' })).ms).not.toBeNull();
      const seen = await verify();
      expect(seen).toMatchObject({ present: true, data: { engine: 'netem', silent: true } });
      expect(seen.data['dropped']).toBeGreaterThan(0);
      console.log(given.direction, seen.summary, JSON.stringify(seen.data));
    });
    expect((await link.call()).ms).not.toBeNull();
  });

  test.each(['ingress', 'both'])('network-loss of %s: half of the packets are lost, and none of others', async (direction) => {
    await during('network-loss', { loss: '50%', direction }, async ({ verify }) => {
      const seen = await verify();
      expect(seen).toMatchObject({ present: true });
      const calls = await Promise.all(Array.from({ length: 20 }, () => link.call()));
      // A packet that was lost is sent again after a second.
      expect(calls.some(({ ms }) => (ms ?? 6000) >= 900)).toBe(true);
      expect(await quickestMs(link, { to: 'other' })).toBeLessThan(300);
      console.log(direction, seen.summary);
    });
    expect((await link.call()).ms).not.toBeNull();
  });

  test('what is excluded is left alone though a range covers it', async () => {
    const { destinations, ...locator } = link.target.locator as { destinations: { address: string }[] };
    const [service] = destinations;
    const range = [{ address: '10.0.0.0/8', port: null, protocol: 'tcp' }];
    const excluded = [{ ...service, port: 443 }];
    const target = { ...link.target, locator: { ...locator, destinations: range, excluded } };
    const fault = faults['network-latency']!;
    const context = createContext(`netem-ingress-${process.pid}-${(lastId += 1)}`);
    const params = fault.params.parse({ delay: '300ms', direction: 'ingress' });
    const undo = await fault.prepare(context, target, params);
    await fault.arm?.(context, target, params, undo);
    await fault.inject(context, target, params, undo);
    try {
      expect(await quickestMs(link, { to: 'service' })).toBeLessThan(300);
      expect((await link.call({ to: 'endpoint' })).ms).toBeGreaterThanOrEqual(300);
    } finally {
      await fault.revert(context, target, undo);
    }
    expect(await fault.verifyReverted(context, target, undo)).toMatchObject({ present: false, data: { restored: true } });
  });

  test.each(['clsact', 'ingress'])(
    'what somebody else turns (%s) is refused before anything is touched, and stays',
    async (kind) => {
      await inNetworkOf(sandbox, link.target, `tc qdisc add dev eth0 ${kind}`);
      const foreign = await stateOf(sandbox, link.target);
      try {
        await expect(inject('network-latency', { delay: '100ms', direction: 'ingress' })).rejects.toMatchObject({
          code: 'claim/taken',
          message: expect.stringContaining(`already has a ${kind} (ffff:)`),
        });
        await during('network-latency', { delay: '300ms' }, async ({ verify }) => {
          expect(await verify()).toMatchObject({ present: true });
        });
        expect(await stateOf(sandbox, link.target)).toBe(foreign);
      } finally {
        await inNetworkOf(sandbox, link.target, `tc qdisc del dev eth0 ${kind}`);
        // The kernel has given it another when the queue came.
        await inNetworkOf(sandbox, link.target, 'ip link set dev eth0 txqueuelen 0');
      }
    },
  );

  test('stays when its agent is killed, and is taken away by the next one from its undo alone', async () => {
    const held = await inject('network-latency', { delay: '300ms', direction: 'both' });
    const restarts = await restartCount(sandbox, 'agent');
    await killAgent();
    await until('the agent is there again', async () => (await restartCount(sandbox, 'agent')) > restarts, 120_000);
    expect((await link.call()).ms).toBeGreaterThanOrEqual(600);
    await until(
      'it answers',
      () =>
        held.verify().then(
          () => true,
          () => false,
        ),
      120_000,
    );
    expect(await held.revert(createContext(held.id))).toMatchObject({ present: false, data: { restored: true } });
    expect(await quickestMs(link)).toBeLessThan(300);
  });

  /** `kill -9` of all of its program. */
  async function killAgent(): Promise<void> {
    const program = `
      const fs = require('node:fs');
      const text = (pid) => { try { return fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8'); } catch { return ''; } };
      const group = fs.readFileSync('/proc/self/cgroup', 'utf8');
      for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name) && text(name).includes('agent-in-pod'))) {
        try { if (fs.readFileSync('/proc/' + pid + '/cgroup', 'utf8') === group) process.kill(Number(pid), 'SIGKILL'); } catch {}
      }`;
    await kubectl(
      'exec',
      '--namespace',
      sandbox.namespace,
      'agent',
      '--container',
      'agent',
      '--',
      '/usr/bin/node',
      '-e',
      program,
    ).catch(() => {});
  }
});

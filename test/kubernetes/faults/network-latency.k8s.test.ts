import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';
import { networkLatency } from '../../../src/faults/network-latency.ts';
import { createContext, type TestContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { usableNft } from '../../faults/subjects/redirect.ts';
import { until } from '../../faults/until.ts';
import { faultInPod } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { quickestMs, quickestOfAnsweredMs, startPodLink, type LocalPodLink } from './pod-link.ts';

type Undo = Awaited<ReturnType<typeof networkLatency.prepare>>;
process.env['FIREDRILL_NFT_BIN'] = (await usableNft()) ?? 'nft';

let sandbox: Sandbox;
let shared: LocalPodLink;
beforeAll(async () => {
  sandbox = await openSandbox();
  shared = await startPodLink(sandbox);
});
afterAll(() => sandbox.dispose());

faultContract('network-latency', async () => ({
  target: shared.target,
  params: { delay: '200ms', connections: 'keep', probePath: '/health' },
  place: shared.caller.place,
  broken: async () => (await quickestMs(shared)) >= 200,
  dispose: async () => {},
}));

describe('network-latency in a pod, by redirection', () => {
  let link: LocalPodLink;
  let context: TestContext;
  let lastId = 0;
  /** Of tests that end what the pod runs, or the pod. */
  let own: Sandbox | null;
  let held: { context: TestContext; target: TargetRef; undo: Undo } | null;
  beforeEach(() => {
    [own, held] = [null, null];
    use(shared);
  });
  afterEach(async () => {
    // Where a test failed in the middle, the next one must not begin with what it left.
    if (held !== null) await networkLatency.revert(held.context, held.target, held.undo);
    await own?.dispose();
  });

  function use(one: LocalPodLink): void {
    link = one;
    context = createContext(`pod-${process.pid}-${(lastId += 1)}`, {}, { node: link.caller.node });
  }

  async function useOwn(): Promise<Sandbox> {
    own = await openSandbox();
    use(await startPodLink(own));
    return own;
  }

  async function inject(written: object) {
    const params = networkLatency.params.parse({ connections: 'keep', ...written });
    const undo = await networkLatency.prepare(context, link.target, params);
    held = { context, target: link.target, undo };
    await networkLatency.arm?.(context, link.target, params, undo);
    await networkLatency.inject(context, link.target, params, undo);
    return { params, undo };
  }

  test('calls by the service and by its endpoint are slow, other calls are not, and afterwards the network is as it was', async () => {
    const before = link.state();
    const quick = [(await link.call()).ms, (await link.call({ to: 'endpoint' })).ms];
    const { params, undo } = await inject({ delay: '300ms', probePath: '/health' });
    const slow = [(await link.call()).ms, (await link.call({ to: 'endpoint' })).ms];
    for (const ms of slow) expect(ms).toBeGreaterThanOrEqual(300);
    expect(await quickestMs(link, { to: 'other' })).toBeLessThan(200);
    let seen = await networkLatency.verify(context, link.target, params, undo);
    const isSeen = async (): Promise<boolean> =>
      seen.present || (seen = await networkLatency.verify(context, link.target, params, undo)).present;
    await until('verify sees it', isSeen);
    expect(seen).toMatchObject({ present: true, data: { engine: 'redirect', why: expect.stringContaining('not netem') } });
    expect(seen.data['turned']).toBeGreaterThanOrEqual(2);
    const askedAt = performance.now();
    await networkLatency.revert(context, link.target, undo);
    const revertMs = performance.now() - askedAt;
    const gone = [await quickestMs(link), await quickestMs(link, { to: 'endpoint' })];
    for (const ms of gone) expect(ms).toBeLessThan(200);
    expect(link.state()).toBe(before);
    expect((await networkLatency.verifyReverted(context, link.target, undo)).present).toBe(false);
    console.log('relay, 300 ms, ms:', JSON.stringify({ quick, slow, gone, revertMs, added: seen.data['addedMs'] }));
  });

  /** One after the other, on new connections; their answers are some 150 bytes each. */
  const twentyCallsMs = async (): Promise<number> => {
    let total = 0;
    for (let calls = 0; calls < 20; calls += 1) total += (await link.call()).ms ?? 0;
    return total;
  };

  test.each<[string, object, () => Promise<boolean>]>([
    ['silent', { blackhole: true }, async () => (await link.call({ timeoutMs: 1500 })).error === 'timeout'],
    ['reset', { reset: { percent: '100%' } }, async () => (await link.call()).error === 'ECONNRESET'],
    ['narrow', { bandwidth: '1KiB/s' }, async () => (await twentyCallsMs()) >= 1500],
  ])('the link is %s from outside, other calls are as they were, and afterwards so is the link', async (what, written, felt) => {
    const before = link.state();
    await until('nothing is felt yet', async () => !(await felt()));
    const { params, undo } = await inject({ probePath: '/health', ...written });
    await until('it is felt', felt, 20_000);
    expect(await quickestMs(link, { to: 'other' })).toBeLessThan(200);
    const isSeen = async (): Promise<boolean> => (await networkLatency.verify(context, link.target, params, undo)).present;
    await until('verify sees it', isSeen);
    const askedAt = performance.now();
    await networkLatency.revert(context, link.target, undo);
    const revertMs = performance.now() - askedAt;
    expect(await quickestOfAnsweredMs(link)).toBeLessThan(200);
    expect(link.state()).toBe(before);
    expect((await networkLatency.verifyReverted(context, link.target, undo)).present).toBe(false);
    console.log(`relay, ${what}, reverted in ms:`, Math.round(revertMs));
  });

  test('a kept connection stays quick with keep, and is slow with reset', async () => {
    await link.call({ kept: true });
    const { undo } = await inject({ delay: '300ms' });
    expect(await quickestMs(link, { kept: true })).toBeLessThan(200);
    await networkLatency.revert(context, link.target, undo);
    context = createContext(`${context.injectionId}-reset`, {}, { node: link.caller.node });
    const second = await inject({ delay: '300ms', connections: 'reset' });
    await until('the kept connection is slow', async () => ((await link.call({ kept: true })).ms ?? 0) >= 300);
    await networkLatency.revert(context, link.target, second.undo);
    expect(await quickestMs(link, { kept: true })).toBeLessThan(200);
  });

  test("it goes on when the container restarts, for the network is the pod's", async () => {
    await useOwn();
    const { undo } = await inject({ delay: '300ms' });
    process.kill(link.caller.pid, 'SIGKILL');
    await until(
      'the new container calls, slowly',
      async () => {
        const call = await link.call().catch(() => null);
        return call?.ms !== null && (call?.ms ?? 0) >= 300;
      },
      30_000,
    );
    await networkLatency.revert(context, link.target, undo);
    expect(await quickestMs(link)).toBeLessThan(200);
  });

  test('when the pod is gone, nothing is left to revert, and it is said', async () => {
    const { dispose } = await useOwn();
    const { params, undo } = await inject({ delay: '300ms' });
    await dispose();
    await until(
      'the network is gone',
      () =>
        networkLatency.verify(context, link.target, params, undo).then(
          () => false,
          ({ code }: { code: string }) => code === 'target/none',
        ),
      60_000,
    );
    await networkLatency.revert(context, link.target, undo);
    expect(await networkLatency.verifyReverted(context, link.target, undo)).toMatchObject({
      present: false,
      summary: expect.stringContaining('gone'),
    });
  });

  test('when its agent is killed with all it runs, no request is refused for more than 2 s, and then all are quick', async () => {
    const fault = await faultInPod(sandbox, link.caller.place.node, 'network-latency');
    const params = fault.params.parse({ delay: '100ms', connections: 'keep' });
    const undo = await fault.prepare(context, link.target, params);
    await fault.arm?.(context, link.target, params, undo);
    await fault.inject(context, link.target, params, undo);
    expect((await link.call()).ms).toBeGreaterThanOrEqual(100);
    const { metadata, status } = (await sandbox.pods('agent'))[0]!;
    const [container] = (status as { containerStatuses?: readonly { containerID: string }[] }).containerStatuses ?? [];
    const containerId = container?.containerID.replace(/^.*:\/\//, '') ?? '';
    const agent = await link.caller.node.findContainer({ podUid: metadata.uid, containerId });
    if (agent === null) throw new Error('the agent has no process on this machine');
    process.kill(agent.pid, 'SIGKILL');
    const killedAt = performance.now();
    const seen: { readonly at: number; readonly ms: number | null }[] = [];
    await until('a while has passed', async () => {
      seen.push({ ms: (await link.call({ timeoutMs: 1000 })).ms, at: performance.now() - killedAt });
      return performance.now() - killedAt > 4000;
    });
    const refused = seen.filter(({ ms }) => ms === null).map(({ at }) => Math.round(at));
    console.log(`agent killed: ${refused.length} of ${seen.length} requests failed, until ${refused.at(-1) ?? 0} ms after`);
    expect(refused.at(-1) ?? 0).toBeLessThan(2500);
    expect(seen.at(-1)?.ms).not.toBeNull();
    expect(await quickestMs(link)).toBeLessThan(100);
    await networkLatency.revert(context, link.target, undo as Undo);
  });

  test.each([
    ['netem, where the kernel has none', { delay: '100ms', engine: 'netem' }, /this node's kernel cannot .*qdisc/],
    ['open connections that should be slowed', { delay: '100ms', connections: 'slow' }, /open connections cannot be turned/],
    [
      'a distribution, which no relay draws',
      { delay: '100ms', jitter: '10ms', distribution: 'normal' },
      /cannot do distribution/,
    ],
  ])('%s is refused, with words', async (_, written, message) => {
    const params = networkLatency.params.parse({ connections: 'keep', ...written });
    await expect(networkLatency.prepare(context, link.target, params)).rejects.toThrow(message);
  });
});

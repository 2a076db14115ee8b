import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { networkLatency } from '../../../src/faults/network-latency.ts';
import { createContext, type TestContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { usableNft } from '../../faults/subjects/redirect.ts';
import { until } from '../../faults/until.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { startPodLink, type LocalPodLink } from './pod-link.ts';

process.env['FIREDRILL_NFT_BIN'] = (await usableNft()) ?? 'nft';

faultContract('network-latency', async () => {
  const sandbox = await openSandbox();
  const link = await startPodLink(sandbox);
  return {
    target: link.target,
    params: { delay: '200ms', connections: 'keep', probePath: '/health' },
    place: link.caller.place,
    broken: async () => ((await link.call()).ms ?? 1000) >= 200,
    dispose: sandbox.dispose,
  };
});

describe('network-latency in a pod, by redirection', () => {
  let sandbox: Sandbox;
  let link: LocalPodLink;
  let context: TestContext;
  let lastId = 0;
  beforeEach(async () => {
    sandbox = await openSandbox();
    link = await startPodLink(sandbox);
    context = createContext(`pod-${process.pid}-${(lastId += 1)}`, {}, { node: link.caller.node });
  });
  afterEach(() => sandbox.dispose());

  async function inject(written: object) {
    const params = networkLatency.params.parse({ connections: 'keep', ...written });
    const undo = await networkLatency.prepare(context, link.target, params);
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
    expect((await link.call({ to: 'other' })).ms).toBeLessThan(200);
    const seen = await networkLatency.verify(context, link.target, params, undo);
    expect(seen).toMatchObject({ present: true, data: { engine: 'redirect', why: expect.stringContaining('not netem') } });
    expect(seen.data['turned']).toBeGreaterThanOrEqual(2);
    const askedAt = performance.now();
    await networkLatency.revert(context, link.target, undo);
    const revertMs = performance.now() - askedAt;
    const gone = [(await link.call()).ms, (await link.call({ to: 'endpoint' })).ms];
    for (const ms of gone) expect(ms).toBeLessThan(200);
    expect(link.state()).toBe(before);
    expect((await networkLatency.verifyReverted(context, link.target, undo)).present).toBe(false);
    console.log('relay, 300 ms, ms:', JSON.stringify({ quick, slow, gone, revertMs, added: seen.data['addedMs'] }));
  });

  test('a kept connection stays quick with keep, and is slow with reset', async () => {
    await link.call({ kept: true });
    const { undo } = await inject({ delay: '300ms' });
    expect((await link.call({ kept: true })).ms).toBeLessThan(200);
    await networkLatency.revert(context, link.target, undo);
    context = createContext(`${context.injectionId}-reset`, {}, { node: link.caller.node });
    const second = await inject({ delay: '300ms', connections: 'reset' });
    await until('the kept connection is slow', async () => ((await link.call({ kept: true })).ms ?? 0) >= 300);
    await networkLatency.revert(context, link.target, second.undo);
    expect((await link.call({ kept: true })).ms ?? 0).toBeLessThan(200);
  });

  test("it goes on when the container restarts, for the network is the pod's", async () => {
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
    expect((await link.call()).ms).toBeLessThan(200);
  });

  test('when the pod is gone, nothing is left to revert, and it is said', async () => {
    const { params, undo } = await inject({ delay: '300ms' });
    await sandbox.dispose();
    await until(
      'the network is gone',
      () =>
        networkLatency.verify(context, link.target, params, undo).then(
          () => false,
          ({ code }: { code: string }) => code === 'target/none',
        ),
      30_000,
    );
    await networkLatency.revert(context, link.target, undo);
    expect(await networkLatency.verifyReverted(context, link.target, undo)).toMatchObject({
      present: false,
      summary: expect.stringContaining('gone'),
    });
  });

  test.each([
    ['netem, where the kernel has none', { delay: '100ms', engine: 'netem' }, /this node's kernel has none/],
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

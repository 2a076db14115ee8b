import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { makeCallerGroup, removeCallerGroup } from '../../lab/host/caller-group.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { CommandResult, FaultContext } from '../../src/faults/fault.ts';
import { networkLatency } from '../../src/faults/network-latency.ts';
import type { Order } from './agent-process.ts';
import { createContext, type TestContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { middleMs, quickestMs, quickestOfAnsweredMs } from './quickest.ts';
import { startRedirect, usableNft, type TestRedirect } from './subjects/redirect.ts';
import { until } from './until.ts';

const nft = await usableNft();
if (nft !== null) process.env['FIREDRILL_NFT_BIN'] = nft;
const withNft = nft === null ? describe.skip : describe;
const policyFor = (address: string) => ({ redirect: { allowAddresses: [address] } });

withNft('network-latency by redirection', () => {
  faultContract('network-latency', async () => {
    const link = await startRedirect(nft ?? '');
    return {
      target: link.target,
      params: { delay: '200ms', probePath: '/health', connections: 'keep' },
      policy: policyFor(link.address),
      broken: async () => (await middleMs(() => link.call())) >= 200,
      dispose: link.dispose,
    };
  });

  let link: TestRedirect;
  let context: TestContext;
  let id = 0;
  beforeEach(async () => {
    link = await startRedirect(nft ?? '');
    context = createContext(`redirect-${process.pid}-${(id += 1)}`, policyFor(link.address));
  });
  afterEach(async () => {
    await networkLatency.revert(context, link.target, {
      engine: 'redirect',
      baselineMs: 1,
      toxic: none,
      probePath: null,
      direction: 'egress' as const,
    });
    expect(link.tables()).not.toContain(`firedrill-${context.injectionId}`);
    await link.dispose();
  });
  const none = { delayMs: 0, jitterMs: 0 };

  async function inject(written: object, by: FaultContext = context) {
    const params = networkLatency.params.parse({ connections: 'keep', ...written });
    const undo = await networkLatency.prepare(by, link.target, params);
    await networkLatency.arm?.(by, link.target, params, undo);
    await networkLatency.inject(by, link.target, params, undo);
    return { params, undo };
  }

  test('a relay that hears late of the connections that the kernel opens for it is in the path all the same', async () => {
    const startHelper: FaultContext['host']['startHelper'] = async (name, config) => {
      const helper = await context.host.startHelper(name, config);
      let heard: JsonObject | undefined;
      const ask: typeof helper.ask = async (message, timeoutMs) => {
        const answer = await helper.ask(message, timeoutMs);
        const state = answer['answer'] as JsonObject | undefined;
        if (state?.['accepted'] === undefined) return answer;
        const before = heard ?? state;
        heard = state;
        return { ...answer, answer: { ...state, accepted: before['accepted'] ?? 0 } };
      };
      return { ...helper, ask };
    };
    const late = { ...context, host: { ...context.host, startHelper } };
    const { params, undo } = await inject({ delay: '100ms', probePath: '/health' }, late);
    expect(await networkLatency.verify(late, link.target, params, undo)).toMatchObject({ present: true });
  });

  test('a baseline of a busy moment, longer than the delay itself, does not hide the delay, nor that it has ended', async () => {
    const { params, undo } = await inject({ delay: '100ms', probePath: '/health' });
    const busy = { ...undo, baselineMs: 2048.6 };
    const look = async () => networkLatency.verify(context, link.target, params, busy);
    expect(await look()).toMatchObject({ present: true, data: { via: 'echo', baselineMs: 2048.6 } });
    expect((await look()).data['addedMs']).toBeGreaterThanOrEqual(95);
    await networkLatency.revert(context, link.target, busy);
    expect(await look()).toMatchObject({ present: false });
  });

  /** The context, and what of its commands wait for their input. */
  function watchedWaiting(): { readonly watched: TestContext; readonly waiting: readonly Promise<CommandResult>[] } {
    const waiting: Promise<CommandResult>[] = [];
    const run: FaultContext['host']['run'] = (argv, options) => {
      const asked = context.host.run(argv, options);
      if (options?.input !== undefined) waiting.push(asked);
      return asked;
    };
    return { watched: { ...context, host: { ...context.host, run } }, waiting };
  }

  test('an arm that begins beside the end of its prepare leaves no nft waiting once it is reverted', async () => {
    const { watched, waiting } = watchedWaiting();
    const params = networkLatency.params.parse({ delay: '100ms', connections: 'keep', probePath: '/health' });
    const undo = await networkLatency.prepare(watched, link.target, params);
    context.abort();
    await networkLatency.arm?.(watched, link.target, params, undo);
    expect(waiting).toHaveLength(2);
    await networkLatency.revert(watched, link.target, undo);
    await Promise.all(waiting);
  });

  test('an nft that is killed while it waits for the release is replaced, and none is left waiting', async () => {
    const { watched, waiting } = watchedWaiting();
    const params = networkLatency.params.parse({ delay: '100ms', connections: 'keep' });
    const undo = await networkLatency.prepare(watched, link.target, params);
    await networkLatency.arm?.(watched, link.target, params, undo);
    await networkLatency.revert(watched, link.target, undo);
    const clean = { code: 0, stdout: '' };
    // The one that made the table, and the one that would have opened it.
    expect(await Promise.all(waiting)).toMatchObject([clean, clean]);

    const killed = { code: null, stdout: '', stderr: 'Killed', timedOut: false };
    const without: typeof watched.host.run = (argv, options) =>
      options?.input === undefined ? context.host.run(argv, options) : Promise.resolve(killed);
    await inject({ delay: '300ms' }, { ...context, host: { ...context.host, run: without } });
    expect(await link.call()).toBeGreaterThanOrEqual(300);
  });

  test('new connections of the caller are delayed, its open one and those of others are not', async () => {
    await link.call(true);
    const { params, undo } = await inject({ delay: '300ms', probePath: '/health' });
    expect(await link.call()).toBeGreaterThanOrEqual(300);
    expect(await quickestMs(() => link.call(true))).toBeLessThan(250);
    expect(await quickestMs(() => link.callAsOther())).toBeLessThan(250);
    const seen = await networkLatency.verify(context, link.target, params, undo);
    expect(seen).toMatchObject({ present: true, data: { engine: 'redirect', via: 'http', turned: 1 } });
    expect(seen.data['addedMs']).toBeGreaterThanOrEqual(290);
  });

  test('with reset, the open connection of the caller is ended, so that its next one is delayed', async () => {
    await link.call(true);
    await inject({ delay: '300ms', connections: 'reset' });
    await until('the kept connection is delayed', async () => ((await link.call(true)) ?? 0) >= 300);
  });

  test('it outlasts its own expiry while the agent lives, and the caller is quick as soon as it is reverted', async () => {
    const { params, undo } = await inject({ delay: '200ms' });
    const injectedAt = performance.now();
    const seen = await networkLatency.verify(context, link.target, params, undo);
    expect(seen).toMatchObject({ present: true, data: { via: 'echo', baselineMs: null } });
    expect(seen.summary).toMatch(/not measured before/);
    await until('longer than the expiry has passed', () => performance.now() - injectedAt > 2600);
    expect(await link.call()).toBeGreaterThanOrEqual(200);
    const revertedAt = performance.now();
    await networkLatency.revert(context, link.target, undo);
    expect(performance.now() - revertedAt).toBeLessThan(1500);
    expect(await quickestOfAnsweredMs(() => link.call())).toBeLessThan(150);
    expect(await networkLatency.verifyReverted(context, link.target, undo)).toMatchObject({
      present: false,
      summary: 'nothing is redirected; no relay of ours runs',
    });
  });

  test('what nobody keeps alive ends by itself, and the caller meets no refused connection meanwhile', async () => {
    await inject({ delay: '200ms' });
    context.abort();
    const seen: (number | null)[] = [];
    await until('the caller is quick again', async () => {
      seen.push(await link.call());
      return (seen.at(-1) ?? 1000) < 150;
    });
    expect(seen).not.toContain(null);
  });

  test('when its relay is killed, the redirect ends by itself though the agent lives', async () => {
    const { params, undo } = await inject({ delay: '200ms' });
    const relays = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'redirect-relay'], { encoding: 'utf8' });
    for (const pid of relays.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    const killedAt = performance.now();
    await until('the caller reaches the far end again', async () => ((await link.call()) ?? 1000) < 150, 4000);
    expect(performance.now() - killedAt).toBeLessThan(3500);
    expect(await networkLatency.verify(context, link.target, params, undo)).toMatchObject({ present: false });
  });

  test('when the agent is killed the caller meets no refused connection, only less and less of the fault', async () => {
    const order: Order = {
      fault: 'network-latency',
      injectionId: context.injectionId,
      target: link.target,
      params: { delay: '200ms', connections: 'keep' },
      policy: policyFor(link.address),
    };
    const program = fileURLToPath(new URL('./agent-process.ts', import.meta.url));
    const agent = spawn(process.execPath, [program, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: process.env,
    });
    await once(agent.stdout, 'data');
    expect(await link.call()).toBeGreaterThanOrEqual(200);
    agent.kill('SIGKILL');
    const killedAt = performance.now();
    const seen: (number | null)[] = [];
    const call = async (): Promise<number | null> => {
      const took = await link.call();
      seen.push(took);
      return took;
    };
    await until('longer than the relay lingers has passed', async () => {
      await call();
      return performance.now() - killedAt > 3500;
    });
    expect(await quickestMs(call)).toBeLessThan(150);
    expect(seen).not.toContain(null);
  });

  test('a silent far end is silent for the caller alone', async () => {
    const { params, undo } = await inject({ blackhole: true });
    const pending = link.call();
    expect(await networkLatency.verify(context, link.target, params, undo)).toMatchObject({ present: true });
    expect(await quickestMs(() => link.callAsOther())).toBeLessThan(250);
    await networkLatency.revert(context, link.target, undo);
    await pending;
  });

  test('a request that waits when the fault ends is answered or reset at once, and does not hang', async () => {
    const { undo } = await inject({ delay: '20s' });
    const reached = once(link.upstream, 'request');
    const pending = link.call();
    await reached;
    const revertedAt = performance.now();
    await networkLatency.revert(context, link.target, undo);
    await pending;
    expect(performance.now() - revertedAt).toBeLessThan(1500);
  });

  test.each([
    ['an address that the policy does not allow', { redirect: { allowAddresses: [] } }, 'keep', 'policy/denied'],
    ['open connections that should be slowed', null, 'slow', 'policy/denied'],
  ] as const)('%s is refused', async (_, policy, connections, code) => {
    const refusing = createContext('refused-1-1', policy ?? policyFor(link.address));
    const params = networkLatency.params.parse({ delay: '100ms', connections });
    await expect(networkLatency.prepare(refusing, link.target, params)).rejects.toMatchObject({ code });
  });

  test('a cgroup that is not there is refused before anything is touched', async () => {
    const target = { ...link.target, locator: { ...link.target.locator, caller: { cgroup: 'no/such/group' } } };
    const params = networkLatency.params.parse({ delay: '100ms', connections: 'keep' });
    await expect(networkLatency.prepare(context, target, params)).rejects.toMatchObject({ code: 'target/none' });
  });
});

const place = `redirect-test-${process.pid}`;
const group = nft === null ? null : makeCallerGroup(place);
const withGroup = group === null ? describe.skip : describe;

withGroup('network-latency by redirection of a cgroup', () => {
  afterAll(() => removeCallerGroup(place));

  test('the callers in it are delayed, on new connections and on those that are reset, and nobody else is', async () => {
    const link = await startRedirect(nft ?? '', group);
    await link.call(true);
    const context = createContext(`cgroup-${process.pid}`, policyFor(link.address));
    const params = networkLatency.params.parse({ delay: '300ms', connections: 'reset', probePath: '/health' });
    const undo = await networkLatency.prepare(context, link.target, params);
    await networkLatency.arm?.(context, link.target, params, undo);
    await networkLatency.inject(context, link.target, params, undo);
    expect(await link.call()).toBeGreaterThanOrEqual(300);
    await until('the connection that was open is delayed', async () => ((await link.call(true)) ?? 0) >= 300);
    expect(await quickestMs(() => link.callAsOther())).toBeLessThan(250);
    expect(await networkLatency.verify(context, link.target, params, undo)).toMatchObject({ present: true });
    await networkLatency.revert(context, link.target, undo);
    expect(await quickestOfAnsweredMs(() => link.call())).toBeLessThan(250);
    await link.dispose();
  });
});

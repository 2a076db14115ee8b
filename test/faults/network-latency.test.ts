import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHostTools } from '../../src/adapters/host/tools.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import { networkLatency } from '../../src/faults/network-latency.ts';
import { createContext } from './context.ts';
import { faultContract } from './fault-contract.ts';
import { middleMs, quickestMs } from './quickest.ts';
import { startLink, type TestLink } from './subjects/link.ts';
import { until } from './until.ts';

const { http } = createHostTools();
const elapsed = async (link: TestLink): Promise<number> => (await http({ method: 'GET', url: `${link.url}/health` })).elapsedMs;
const quickest = (link: TestLink): Promise<number> => quickestMs(() => elapsed(link));

faultContract('network-latency', async () => {
  const link = await startLink();
  return {
    target: link.target,
    params: { delay: '200ms', probePath: '/health' },
    broken: async () => (await middleMs(() => elapsed(link))) >= 200,
    dispose: link.dispose,
  };
});

describe('network-latency', () => {
  let link: TestLink;
  beforeEach(async () => {
    link = await startLink();
  });
  afterEach(() => link.dispose());

  test('the delay outlasts its own expiry while the agent lives', async () => {
    const context = createContext('outlasts-1-1');
    const params = networkLatency.params.parse({ delay: '100ms' });
    const undo = await networkLatency.prepare(context, link.target, params);
    await networkLatency.inject(context, link.target, params, undo);
    const injectedAt = performance.now();
    await until('longer than the expiry has passed', () => performance.now() - injectedAt > 2300);
    expect(await elapsed(link)).toBeGreaterThanOrEqual(100);
    await networkLatency.revert(context, link.target, undo);
    expect(await quickest(link)).toBeLessThan(100);
  });

  test('without a path to GET the relay is measured by its own echo', async () => {
    const context = createContext('echo-1-1');
    const params = networkLatency.params.parse({ delay: '100ms', jitter: '20ms' });
    const undo = await networkLatency.prepare(context, link.target, params);
    await networkLatency.inject(context, link.target, params, undo);
    const evidence = await networkLatency.verify(context, link.target, params, undo);
    expect(evidence).toMatchObject({ present: true, data: { via: 'echo' } });
    expect(evidence.data['addedMs']).toBeGreaterThanOrEqual(80);
    await networkLatency.revert(context, link.target, undo);
  });

  test.each(['ingress', 'both'])('the relay of a host is not asked for %s: it is refused with its name', async (direction) => {
    const params = networkLatency.params.parse({ delay: '100ms', direction });
    const prepared = networkLatency.prepare(createContext('direction-1-1'), link.target, params);
    await expect(prepared).rejects.toThrow(/whose relay does not know ingress\. Leave it out/);
  });

  test('a link that another injection holds is refused and left alone', async () => {
    const first = createContext('first-1-1');
    const second = createContext('second-1-1');
    const params = networkLatency.params.parse({ delay: '100ms' });
    const undo = await networkLatency.prepare(first, link.target, params);
    await networkLatency.inject(first, link.target, params, undo);
    await expect(networkLatency.prepare(second, link.target, params)).rejects.toMatchObject({ code: 'claim/taken' });
    await networkLatency.revert(second, link.target, undo);
    expect((await networkLatency.verify(first, link.target, params, undo)).present).toBe(true);
    await networkLatency.revert(first, link.target, undo);
  });

  test('a relay that has died takes its delay with it', async () => {
    const context = createContext('died-1-1');
    const params = networkLatency.params.parse({ delay: '100ms' });
    const undo = await networkLatency.prepare(context, link.target, params);
    await networkLatency.inject(context, link.target, params, undo);
    await link.kill();
    expect((await networkLatency.verify(context, link.target, params, undo)).present).toBe(false);
    await networkLatency.revert(context, link.target, undo);
    expect((await networkLatency.verifyReverted(context, link.target, undo)).present).toBe(false);
  });

  test('a delay longer than one look is seen as no answer within it', async () => {
    const context = createContext('long-1-1');
    const params = networkLatency.params.parse({ delay: '20s', probePath: '/health' });
    const undo = await networkLatency.prepare(context, link.target, params);
    await networkLatency.inject(context, link.target, params, undo);
    const startedAt = performance.now();
    expect(await networkLatency.verify(context, link.target, params, undo)).toMatchObject({ present: true });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    await networkLatency.revert(context, link.target, undo);
    expect(await networkLatency.verifyReverted(context, link.target, undo)).toMatchObject({ present: false });
  });

  test('an upstream that has died hides neither the delay nor its end', async () => {
    const context = createContext('upstream-1-1');
    const params = networkLatency.params.parse({ delay: '100ms', probePath: '/health' });
    const undo = await networkLatency.prepare(context, link.target, params);
    await networkLatency.inject(context, link.target, params, undo);
    link.upstream.closeAllConnections();
    link.upstream.close();
    expect(await networkLatency.verify(context, link.target, params, undo)).toMatchObject({
      present: true,
      data: { via: 'echo' },
    });
    await networkLatency.revert(context, link.target, undo);
    expect(await networkLatency.verifyReverted(context, link.target, undo)).toMatchObject({ present: false });
  });

  test.each([
    ['narrow', { bandwidth: '50KiB/s' }, /15360 bytes took/],
    ['slow and narrow', { delay: '50ms', bandwidth: '50KiB/s' }, /round trip .*bytes took/],
    ['broken', { reset: { percent: '25%', after: '100ms' } }, /1 of 4 connections were reset/],
    ['silent', { blackhole: true }, /nothing came back/],
  ])('a link that is %s is seen to be so, and then not any more', async (_, written, summary) => {
    const context = createContext('toxic-1-1');
    const params = networkLatency.params.parse(written);
    const undo = await networkLatency.prepare(context, link.target, params);
    await networkLatency.inject(context, link.target, params, undo);
    const seen = await networkLatency.verify(context, link.target, params, undo);
    expect(seen).toMatchObject({ present: true, data: { engine: 'relay' } });
    expect(seen.summary).toMatch(summary);
    await networkLatency.revert(context, link.target, undo);
    expect(await networkLatency.verify(context, link.target, params, undo)).toMatchObject({ present: false });
    expect(await networkLatency.verifyReverted(context, link.target, undo)).toMatchObject({ present: false });
    expect(await quickest(link)).toBeLessThan(50);
  });

  test.each([
    [{ blackhole: true }, { delayMs: 300, jitterMs: 0 }],
    [{ bandwidth: '5KiB/s' }, { delayMs: 0, jitterMs: 0 }],
    [{ reset: {} }, { delayMs: 0, jitterMs: 0 }],
  ])('what verify says comes from a measurement, not from what was asked: %j', async (written, instead) => {
    const context = createContext('asked-1-1');
    const params = networkLatency.params.parse(written);
    const undo = await networkLatency.prepare(context, link.target, params);
    await context.host.askSocket(link.control, { op: 'set', id: 'asked-1-1', toxic: instead, ttlMs: 20_000 });
    expect(await networkLatency.verify(context, link.target, params, undo)).toMatchObject({ present: false });
    await networkLatency.revert(context, link.target, undo);
  });

  test.each([
    { delay: '500' },
    { delay: '0ms' },
    { delay: '100ms', jitter: '200ms' },
    { jitter: '10ms' },
    {},
    { bandwidth: '50KiB' },
    { bandwidth: '10B/s' },
    { reset: { percent: '0%' } },
    { reset: { after: '10s' } },
    { blackhole: true, delay: '100ms' },
    { blackhole: false },
  ])('%j is refused', (params) => {
    expect(networkLatency.params.safeParse(params).success).toBe(false);
  });
});

describe('a redirect that cannot be made is refused, and no other way is taken instead', () => {
  const target: TargetRef = {
    kind: 'link',
    service: 'payments-api',
    name: 'database',
    uid: 'redirect:127.0.0.1:5432',
    locator: { addresses: ['127.0.0.1:5432'], caller: 'anyone' },
  };
  const params = networkLatency.params.parse({ delay: '100ms', connections: 'keep' });
  const context = createContext('redirect-1-1', { redirect: { allowAddresses: ['127.0.0.1:5432'] } });

  test('by an agent that is not root', async () => {
    const asUser = { ...context, host: { ...context.host, isRoot: false } };
    await expect(networkLatency.prepare(asUser, target, params)).rejects.toMatchObject({
      code: 'part/missing',
      message:
        'link payments-api/database is redirected, and this agent is not root, and only root redirects packets. Start it as root, or use a relay in the link',
    });
  });

  test('on a machine without nft', async () => {
    const host = { ...createHostTools({ nft: '/no/such/nft' }), isRoot: true };
    await expect(networkLatency.prepare({ ...context, host }, target, params)).rejects.toThrow(/there is no nft here/);
  });

  test.each([
    { addresses: ['localhost:5432'], caller: 'anyone' },
    { addresses: ['127.0.0.1:5432'], caller: { user: '0 accept; flush ruleset' } },
    { addresses: ['127.0.0.1:5432'], caller: { cgroup: 'a" accept #' } },
    { addresses: [], caller: 'anyone' },
  ])('when its locator is %j, which could not be a word of a rule', async (locator) => {
    await expect(networkLatency.prepare(context, { ...target, locator }, params)).rejects.toMatchObject({ code: 'spec/invalid' });
  });
});

import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '../../src/domain/json.ts';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { Evidence, Fault } from '../../src/faults/fault.ts';
import { networkLatency } from '../../src/faults/network-latency.ts';
import { networkPartition } from '../../src/faults/network-partition.ts';
import { followNames, sayNames, type NamedLink } from '../../src/faults/shared/followed-names.ts';
import { PodNetwork } from '../../src/faults/shared/pod-network.ts';
import { createContext, type TestContext } from './context.ts';
import { quickestMs } from './quickest.ts';
import { startNamedPod, type NamedPod } from './subjects/named-pod.ts';
import { usableNft } from './subjects/redirect.ts';
import { until } from './until.ts';

const nft = await usableNft();
if (nft !== null) process.env['FIREDRILL_NFT_BIN'] = nft;
const withNft = nft === null ? describe.skip : describe;

withNft('while a fault lasts, the names of its link', () => {
  let pod: NamedPod;
  let context: TestContext;
  let target: TargetRef;
  let held: { readonly fault: Fault; readonly params: JsonObject; readonly undo: JsonObject };
  let lastId = 0;
  beforeEach(async () => {
    pod = await startNamedPod(nft ?? '');
    context = createContext(`names-${process.pid}-${(lastId += 1)}`, {}, { node: pod.node });
    await pod.say([pod.ends[0]]);
    target = pod.target({ leads: { hosts: ['far.example'], ports: [80] } });
  });
  afterEach(async () => {
    await held.fault.revert(context, target, held.undo);
    await pod.dispose();
  });

  async function inject(given: typeof networkLatency | typeof networkPartition, written: JsonObject): Promise<void> {
    const fault = given as unknown as Fault;
    const params = fault.params.parse(written);
    const undo = JSON.parse(JSON.stringify(await fault.prepare(context, target, params))) as JsonObject;
    held = { fault, params, undo };
    await fault.arm?.(context, target, params, undo);
    await fault.inject(context, target, params, undo);
  }
  const verify = (): Promise<Evidence> => held.fault.verify(context, target, held.params, held.undo);
  const verifyReverted = (): Promise<Evidence> => held.fault.verifyReverted(context, target, held.undo);
  /** As its agent does, each second, until it is so. */
  const holdUntil = async (what: string, holds: () => Promise<boolean>, by = context): Promise<void> =>
    until(what, async () => {
      await held.fault.hold?.(by, target, held.params, held.undo);
      return holds();
    });
  const names = async (): Promise<JsonObject> => ((await verify()).data['names'] ?? {}) as JsonObject;
  /** As the fault has it, for one who only looks at what would be covered. */
  const namedLink = (): NamedLink => ({
    place: new PodNetwork(context, target, null),
    names: { hosts: ['far.example'], service: null },
    destinations: [{ address: pod.ends[0], port: 80, protocol: 'tcp' }],
    guarded: [],
  });
  const isSlow = async (end: string): Promise<boolean> => {
    const ms = await quickestMs(() => pod.call(end));
    return ms >= 300 && ms < Infinity;
  };
  const slowEnds = async (): Promise<string[]> => {
    const slow: string[] = [];
    for (const end of pod.ends) if (await isSlow(end)) slow.push(end);
    return slow;
  };

  test('bring a new address under a delay, and the revert takes all of it', async () => {
    const [first, second] = pod.ends;
    await inject(networkLatency, { delay: '300ms', connections: 'keep' });
    expect(await slowEnds()).toEqual([first]);
    expect((await verify()).data['names']).toBeUndefined();
    await pod.say([second]);
    await holdUntil('the new address is slow', () => isSlow(second));
    // It outlasts its own expiry, also one that came too early: what was added is kept alive with what was there, and ends nothing.
    const live = ['ip', `firedrill-${context.injectionId}`, 'live'];
    const [place, ours] = [new PodNetwork(context, target, null), ['{', second, '.', '80', '}']];
    expect(await place.run([nft ?? '', 'delete', 'element', ...live, ...ours])).toMatchObject({ code: 0 });
    const since = performance.now();
    await until('longer than the expiry has passed', () => performance.now() - since > 2500);
    expect(await slowEnds()).toEqual([first, second]);
    expect(await verify()).toMatchObject({
      present: true,
      summary: expect.stringContaining(`; since then also ${second}:80`),
      data: { redirected: 2, names: { gained: [`${second}:80`], uncovered: [], unresolved: [], problem: null } },
    });
    await held.fault.revert(context, target, held.undo);
    expect(await slowEnds()).toEqual([]);
    expect(await pod.tables()).toBe('');
    expect(await verifyReverted()).toMatchObject({ present: false, data: { names: { gained: [`${second}:80`] } } });
    expect((await verifyReverted()).data['names']).toBeUndefined();
  });

  test('never bring in what is no far end, such as loopback: all of the pod would be cut off from itself', async () => {
    const [first, second] = pod.ends;
    await inject(networkPartition, {});
    await pod.say([first, '127.0.0.1', second]);
    await holdUntil('the new address is cut off', async () => (await pod.call(second)) === null);
    expect(await names()).toMatchObject({
      gained: [`${second}:80`],
      uncovered: [{ address: '127.0.0.1', why: 'it is the address of no far end' }],
    });
    expect(await pod.tables()).not.toContain('127.0.0.1');
  });

  test('never bring in the resolver, nor what the plan keeps out', async () => {
    const [first, second, third] = pod.ends;
    target = { ...target, locator: { ...target.locator, excluded: [{ address: third, port: 443, protocol: 'tcp' }] } };
    await inject(networkLatency, { delay: '300ms', connections: 'keep' });
    await pod.say([pod.resolver, third, second]);
    await holdUntil('the new address is slow', () => isSlow(second));
    expect(await slowEnds()).toEqual([first, second]);
    const why = 'it is one of DNS or of the API server';
    expect(await names()).toMatchObject({
      gained: [`${second}:80`],
      uncovered: [
        { address: pod.resolver, why },
        { address: third, why },
      ],
    });
    expect(await pod.tables()).not.toContain(third);
  });

  test.each([
    ['has no address any more', 'nxdomain', 'nxdomain'],
    ['gets no answer', 'silence', 'timeout'],
  ] as const)('keep the fault where it was when a name %s, and it is said', async (_, saying, outcome) => {
    await inject(networkLatency, { delay: '300ms', connections: 'keep' });
    await pod.say(saying);
    const isSaid = async (): Promise<boolean> => JSON.stringify(await names()).includes(outcome);
    await holdUntil('it is said', isSaid);
    expect(await verify()).toMatchObject({
      present: true,
      summary: expect.stringContaining(`far.example has no address now (${outcome})`),
      data: { names: { gained: [], unresolved: [{ name: 'far.example', outcome }] } },
    });
    expect(await slowEnds()).toEqual([pod.ends[0]]);
  });

  test('bring nothing back once the effect has ended by itself', async () => {
    const [, second] = pod.ends;
    await inject(networkLatency, { delay: '300ms', connections: 'keep' });
    context.abort();
    await until('it has ended by itself', async () => (await slowEnds()).length === 0);
    await pod.say([second]);
    const late = createContext(context.injectionId, {}, { node: pod.node });
    await holdUntil('it was tried', async () => ((await names())['uncovered'] as JsonObject[] | undefined)?.length === 1, late);
    expect(await names()).toMatchObject({
      gained: [],
      uncovered: [{ address: second, why: expect.stringContaining('nft refused') }],
    });
    expect(await slowEnds()).toEqual([]);
  });

  test('are asked by another once who asks is dead', async () => {
    const [, second] = pod.ends;
    await inject(networkLatency, { delay: '300ms', connections: 'keep' });
    const probers = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'link-prober'], { encoding: 'utf8' });
    for (const pid of probers.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    await pod.say([second]);
    await holdUntil('the new address is slow', () => isSlow(second));
    expect(await verify()).toMatchObject({ present: true });
  });

  test('bring in no more than a hundred addresses, and it is said', async () => {
    await inject(networkLatency, { delay: '300ms', connections: 'keep' });
    const [link, taken] = [namedLink(), [] as string[]];
    const follow = () => followNames(context, link, async (gained) => void taken.push(...gained.map(({ address }) => address)));
    for (const net of [0, 1, 2, 3, 4]) {
      await pod.say(Array.from({ length: 21 }, (_, host) => `10.98.${net}.${host}`));
      const isKnown = async (): Promise<boolean> => {
        await follow();
        return JSON.stringify(sayNames(context.injectionId).data).includes(`10.98.${net}.20`);
      };
      await until('the new addresses are looked at', isKnown);
    }
    expect(taken).toHaveLength(100);
    const { data } = sayNames(context.injectionId);
    expect(data['names']).toMatchObject({
      uncovered: Array.from({ length: 5 }, () => ({ why: 'more than 100 have come since' })),
    });
  });

  test('take up what one look at the resolver cannot, with the next ones', async () => {
    await inject(networkLatency, { delay: '300ms', connections: 'keep' });
    const [link, taken] = [namedLink(), [] as string[]];
    await pod.say(['10.98.0.1', '10.98.0.2']);
    const inOneCall: number[] = [];
    await until('both are taken', async () => {
      const before = taken.length;
      await followNames(context, link, async (gained) => {
        await new Promise((resolve) => setTimeout(resolve, 1100));
        taken.push(...gained.map(({ address }) => address));
      });
      inOneCall.push(taken.length - before);
      return taken.length === 2;
    });
    expect(Math.max(...inOneCall)).toBe(1);
    expect(networkLatency.patienceMs?.('hold', held.undo as never)).toBeGreaterThan(5000);
  });

  test('of a headless Service bring new pods under a cut, which another agent takes back', async () => {
    const [first, second] = pod.ends;
    const destinations = [{ address: first, port: 80, protocol: 'tcp' }];
    target = pod.target({ destinations, leads: { namespace: 'shop', service: 'far', ports: [], headless: true } });
    await inject(networkPartition, {});
    await pod.say([second]);
    expect(await pod.call(second)).not.toBeNull();
    await holdUntil('the new pod is cut off', async () => (await pod.call(second)) === null);
    expect(new Set(await pod.asked())).toEqual(new Set(['far.shop.svc.cluster.local']));
    expect(await verify()).toMatchObject({
      present: true,
      // What is measured is where the name leads now.
      summary: expect.stringContaining(`from ${second}:80, ${first}:80; was`),
      data: { names: { gained: [`${second}:80`] } },
    });
    const successor = createContext(context.injectionId, {}, { node: pod.node });
    await held.fault.revert(successor, target, held.undo);
    for (const end of [first, second]) expect(await pod.call(end)).not.toBeNull();
    expect(await pod.tables()).toBe('');
  });

  test('are not asked for where a Service has an address of its own', async () => {
    const destinations = [{ address: pod.ends[0], port: 80, protocol: 'tcp' }];
    target = pod.target({ destinations, leads: { namespace: 'shop', service: 'far', ports: [] } });
    await inject(networkPartition, {});
    await held.fault.hold?.(context, target, held.params, held.undo);
    expect((await verify()).data['names']).toBeUndefined();
    expect(await pod.asked()).toEqual([]);
  });
});

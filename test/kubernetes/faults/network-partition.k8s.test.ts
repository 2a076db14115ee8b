import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { networkPartition } from '../../../src/faults/network-partition.ts';
import { createContext, type TestContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { usableNft } from '../../faults/subjects/redirect.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { comesThrough, quickestMs, quickestOfAnsweredMs, startPodLink, type LocalPodLink } from './pod-link.ts';

process.env['FIREDRILL_NFT_BIN'] = (await usableNft()) ?? 'nft';

let sandbox: Sandbox;
let link: LocalPodLink;
beforeAll(async () => {
  sandbox = await openSandbox();
  link = await startPodLink(sandbox);
});
afterAll(() => sandbox.dispose());

faultContract('network-partition', async () => ({
  target: link.target,
  params: {},
  place: link.caller.place,
  broken: async () => !(await comesThrough(link, { timeoutMs: 1000 })),
  dispose: async () => {},
}));

describe('network-partition in a pod, by rules', () => {
  let context: TestContext;
  let lastId = 0;
  beforeEach(() => {
    context = createContext(`cut-${process.pid}-${(lastId += 1)}`, {}, { node: link.caller.node });
  });

  test.each(['egress', 'ingress', 'both'] as const)(
    '%s: new and open connections get no answer, others do',
    async (direction) => {
      const before = link.state();
      await link.call({ kept: true });
      const params = networkPartition.params.parse({ direction });
      const undo = await networkPartition.prepare(context, link.target, params);
      await networkPartition.arm?.(context, link.target, params, undo);
      await networkPartition.inject(context, link.target, params, undo);
      for (const to of ['service', 'endpoint'] as const) {
        expect(await link.call({ to, timeoutMs: 1000 })).toMatchObject({ ms: null, error: 'timeout' });
      }
      expect(await link.call({ kept: true, timeoutMs: 1000 })).toMatchObject({ ms: null, error: 'timeout' });
      expect(await quickestMs(link, { to: 'other' })).toBeLessThan(900);
      const seen = await networkPartition.verify(context, link.target, params, undo);
      expect(seen).toMatchObject({ present: true, data: { engine: 'nft', silent: true } });
      const askedAt = performance.now();
      await networkPartition.revert(context, link.target, undo);
      const revertMs = performance.now() - askedAt;
      const after = await quickestOfAnsweredMs(link);
      expect(after).toBeLessThan(900);
      expect(link.state()).toBe(before);
      console.log(`network-partition ${direction}:`, seen.summary, JSON.stringify({ revertMs, after }));
    },
  );

  test('a link to hosts is cut at the addresses that they have for the pod', async () => {
    const { destinations, ...locator } = link.target.locator;
    const leads = { hosts: [`callee.${sandbox.namespace}.svc.cluster.local`], ports: [80] };
    const target = { ...link.target, locator: { ...locator, destinations: [], leads } };
    expect(destinations).toHaveLength(2);
    const params = networkPartition.params.parse({});
    const undo = await networkPartition.prepare(context, target, params);
    await networkPartition.arm?.(context, target, params, undo);
    await networkPartition.inject(context, target, params, undo);
    expect(await link.call({ timeoutMs: 1000 })).toMatchObject({ ms: null });
    expect((await link.call({ to: 'endpoint' })).ms).not.toBeNull();
    expect((await networkPartition.verify(context, target, params, undo)).present).toBe(true);
    await networkPartition.revert(context, target, undo);
    expect((await link.call()).ms).not.toBeNull();
    const nowhere = { ...target, locator: { ...locator, destinations: [], leads: { hosts: ['no.such.example'], ports: [] } } };
    await expect(networkPartition.prepare(context, nowhere, params)).rejects.toThrow(/no.such.example has no IPv4 address/);
  });

  test('netem is refused where the kernel has none', async () => {
    const params = networkPartition.params.parse({ engine: 'netem' });
    await expect(networkPartition.prepare(context, link.target, params)).rejects.toThrow(/netem: .*cannot/);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../../src/faults/fault.ts';
import { networkLoss } from '../../../src/faults/network-loss.ts';
import { createContext } from '../../faults/context.ts';
import { faultContract } from '../../faults/fault-contract.ts';
import { usableNft } from '../../faults/subjects/redirect.ts';
import { until } from '../../faults/until.ts';
import { faultInPod } from './agent-pod.ts';
import { openSandbox, type Sandbox } from './cluster.ts';
import { netemNode } from './netem-node.ts';
import { startLink, startPodLink, type PodLink } from './pod-link.ts';

process.env['FIREDRILL_NFT_BIN'] = (await usableNft()) ?? 'nft';
const node = await netemNode();
const withNetem = node === null ? describe.skip : describe;

withNetem('network-loss, on a kernel with netem', () => {
  // That node is slow to start pods: one caller and one agent for all.
  let sandbox: Sandbox;
  let link: PodLink;
  let fault: Fault;
  beforeAll(async () => {
    sandbox = await openSandbox();
    [link, fault] = await Promise.all([startLink(sandbox, node ?? ''), faultInPod(sandbox, node ?? '', 'network-loss')]);
  }, 300_000);
  afterAll(() => sandbox.dispose());

  describe.each(['egress', 'both'])('of %s', (direction) => {
    faultContract('network-loss', async () => {
      /** A lost first packet is sent again after a second. */
      const someAreLost = async (): Promise<boolean> => {
        const calls = await Promise.all(Array.from({ length: 20 }, () => link.call()));
        return calls.some(({ ms }) => (ms ?? 6000) >= 900);
      };
      // Again and again: once, a slow node may hold one up for as long.
      const broken = async (): Promise<boolean> => (await someAreLost()) && someAreLost();
      return {
        target: link.target,
        params: { loss: '50%', direction },
        fault,
        patienceMs: 20_000,
        broken,
        dispose: async () => {},
      };
    });
  });

  test.each([
    { corruption: '50%' },
    { duplication: '100%' },
    { reordering: '50%', delay: '50ms' },
    { duplication: '100%', direction: 'ingress' },
    { reordering: '50%', delay: '50ms', direction: 'both' },
  ])('%j is what the kernel does to the packets that are sent, and nothing afterwards', async (written) => {
    const context = createContext(`loss-${process.pid}-${Object.values(written).join('-')}`);
    const params = fault.params.parse(written);
    const undo = await fault.prepare(context, link.target, params);
    await fault.arm?.(context, link.target, params, undo);
    await fault.inject(context, link.target, params, undo);
    let seen = await fault.verify(context, link.target, params, undo);
    const isSeen = async (): Promise<boolean> => {
      await link.call();
      return (seen = await fault.verify(context, link.target, params, undo)).present;
    };
    try {
      await until('verify sees it', isSeen, 20_000);
    } finally {
      await fault.revert(context, link.target, undo);
    }
    expect(await fault.verifyReverted(context, link.target, undo)).toMatchObject({ present: false, data: { restored: true } });
    expect((await link.call()).ms).not.toBeNull();
    console.log(JSON.stringify(written), seen.summary);
  });
});

test("a node whose kernel has no netem refuses it before anything is touched, in the kernel's words", async () => {
  const sandbox = await openSandbox();
  const link = await startPodLink(sandbox);
  const before = link.state();
  const context = createContext(`loss-${process.pid}`, {}, { node: link.caller.node });
  const prepared = networkLoss.prepare(context, link.target, networkLoss.params.parse({ loss: '10%' }));
  await expect(prepared).rejects.toThrow(/netem: this node's kernel cannot \(.*qdisc/);
  expect(link.state()).toBe(before);
  await sandbox.dispose();
});

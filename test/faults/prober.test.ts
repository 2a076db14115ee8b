import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { TargetRef } from '../../src/domain/plan/plan.ts';
import type { HelperProcess } from '../../src/faults/fault.ts';
import type { NodeTools } from '../../src/faults/node-tools.ts';
import { networkLatency } from '../../src/faults/network-latency.ts';
import { networkPartition } from '../../src/faults/network-partition.ts';
import { createContext, type TestContext } from './context.ts';
import { childrenLike } from './own-helpers.ts';
import { startNamedPod, type NamedPod } from './subjects/named-pod.ts';
import { usableNft } from './subjects/redirect.ts';
import { until } from './until.ts';

const nft = await usableNft();
if (nft !== null) process.env['FIREDRILL_NFT_BIN'] = nft;
const withNft = nft === null ? describe.skip : describe;

withNft('nobody who measures, relays or waits for a release is left', () => {
  let pod: NamedPod;
  let target: TargetRef;
  let lastId = 0;
  /** Of other tests that ran in this process. */
  let others: ReadonlySet<number>;
  beforeEach(async () => {
    others = new Set(helpers());
    pod = await startNamedPod(nft ?? '');
    await pod.say([pod.ends[0]]);
    target = pod.target({ leads: { hosts: ['far.example'], ports: [80] } });
  });
  afterEach(() => pod.dispose());

  const contextWith = (node: NodeTools): TestContext => createContext(`left-${process.pid}-${(lastId += 1)}`, {}, { node });
  /** The pod's node, but what is asked of its helpers goes by `asking` first, and `stopped` hears of their end. */
  const nodeWith = (
    asking: (name: string, message: Parameters<HelperProcess['ask']>[0]) => Promise<void>,
    stopped: (name: string) => void = () => {},
  ): NodeTools => ({
    ...pod.node,
    async startHelperIn(process, namespaces, name, config) {
      const helper = await pod.node.startHelperIn(process, namespaces, name, config);
      const ask: HelperProcess['ask'] = async (message, timeoutMs) => {
        await asking(name, message);
        return helper.ask(message, timeoutMs);
      };
      return { ...helper, ask, stop: () => helper.stop().then(() => stopped(name)) };
    },
  });
  const helpers = (): number[] => [...childrenLike('/agent/'), ...childrenLike('nft')];
  const isLeft = (): boolean => helpers().some((pid) => !others.has(pid));
  const nobodyIsLeft = (): Promise<void> => until('all of them have ended', () => !isLeft());

  test('by a revert that meets a look', async () => {
    let isLooking = false;
    const [looking, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const context = contextWith(
      nodeWith(
        async (name) => {
          if (!isLooking || name !== 'link-prober') return;
          looking.resolve();
          await ended.promise;
        },
        (name) => name === 'link-prober' && ended.resolve(),
      ),
    );
    const params = networkPartition.params.parse({});
    const undo = await networkPartition.prepare(context, target, params);
    await networkPartition.arm?.(context, target, params, undo);
    await networkPartition.inject(context, target, params, undo);
    isLooking = true;
    const look = networkPartition.verify(context, target, params, undo).catch((error: unknown) => error);
    await looking.promise;
    await networkPartition.revert(context, target, undo);
    await look;
    await nobodyIsLeft();
  });

  test.each([
    ['whose relay cannot listen', 'redirect-relay', 'listen'],
    ['whose measurement fails', 'link-prober', 'path'],
  ])('by a prepare %s', async (_, of, asked) => {
    const context = contextWith(
      nodeWith(async (name, message) => {
        if (name === of && (message['op'] === asked || asked in message)) throw new Error('it is too busy');
      }),
    );
    const params = networkLatency.params.parse({ delay: '300ms', connections: 'keep', probePath: '/health' });
    await expect(networkLatency.prepare(context, target, params)).rejects.toThrow('it is too busy');
    await nobodyIsLeft();
  });

  test('by a prepare that nothing comes of', async () => {
    const context = contextWith(pod.node);
    const params = networkLatency.params.parse({ delay: '300ms', connections: 'keep', probePath: '/health' });
    await networkLatency.prepare(context, target, params);
    expect(isLeft()).toBe(true);
    context.abort();
    await nobodyIsLeft();
  });
});

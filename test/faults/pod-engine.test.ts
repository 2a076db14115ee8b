import { describe, expect, test } from '@jest/globals';
import type { PacketKernel } from '../../src/faults/shared/kernel.ts';
import { chooseEngine, type Needs, type PodEngine } from '../../src/faults/shared/pod-engine.ts';

const all: PacketKernel = { netem: null, nft: null, ingress: async () => null };
const noNetem: PacketKernel = { ...all, netem: 'qdisc kind is unknown' };
const noNft: PacketKernel = { ...all, nft: 'not supported' };
const noIngress: PacketKernel = { ...all, ingress: async () => 'Unknown device type' };
const unasked: PacketKernel = { ...all, ingress: () => Promise.reject(new Error('asked for')) };
const delay: Needs = { parts: ['delay'], connections: 'reset', onlyEnds: true };
const auto: PodEngine[] = ['netem', 'redirect'];
const choose = (order: readonly PodEngine[], needs: Needs, kernel = all) => chooseEngine(order, needs, kernel, 'link a/b');

describe('the engine of a fault on packets', () => {
  test('is the first that can do all of it', async () => {
    expect(await choose(auto, delay)).toEqual({ engine: 'netem', why: 'the first that can do all of it here' });
  });

  test.each<[string, Needs, PacketKernel, RegExp]>([
    ['has none', delay, noNetem, /not netem: this node's kernel cannot \(qdisc kind is unknown\)/],
    ['is not able to do a part', { ...delay, parts: ['delay', 'reset'] }, all, /not netem: it cannot do reset/],
    ['would touch open connections', { ...delay, connections: 'keep' }, all, /not netem: it tells no open/],
  ])('is another where the kernel %s, and says why', async (_, needs, kernel, why) => {
    expect(await choose(auto, needs, kernel)).toMatchObject({ engine: 'redirect', why: expect.stringMatching(why) });
  });

  test.each<[string, readonly PodEngine[], Needs, PacketKernel, RegExp]>([
    ['asked for, is not there', ['netem'], delay, noNetem, /netem: this node's kernel cannot/],
    ['could turn a range', ['redirect'], { ...delay, onlyEnds: false }, all, /relay: it needs single addresses/],
    [
      'could turn open connections',
      ['redirect'],
      { ...delay, connections: 'slow' },
      all,
      /relay: open connections cannot be turned/,
    ],
    [
      'is on this kernel',
      auto,
      { ...delay, parts: ['reset'] },
      noNft,
      /netem: it cannot do reset; relay: this node's kernel cannot/,
    ],
    [
      'delays what comes in',
      auto,
      { ...delay, parts: ['delay', 'ingress'] },
      noIngress,
      /netem: this node's kernel cannot do ingress \(Unknown device type\); relay: it cannot do ingress/,
    ],
  ])('is refused with words where none %s', async (_, order, needs, kernel, message) => {
    await expect(choose(order, needs, kernel)).rejects.toThrow(message);
  });

  test('is netem for what the pod sends where the kernel has no ingress, which it is not even asked for', async () => {
    expect(await choose(auto, delay, noIngress)).toMatchObject({ engine: 'netem' });
    expect(await choose(auto, delay, unasked)).toMatchObject({ engine: 'netem' });
    const loss: Needs = { parts: ['egress', 'ingress'], onlyEnds: true };
    expect(await choose(['drop', 'netem'], loss, unasked)).toMatchObject({ engine: 'drop' });
  });
});

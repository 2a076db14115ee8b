import { describe, expect, test } from '@jest/globals';
import type { PacketKernel } from '../../src/faults/shared/kernel.ts';
import { chooseEngine, type Needs, type PodEngine } from '../../src/faults/shared/pod-engine.ts';

const all: PacketKernel = { netem: null, nft: null };
const noNetem: PacketKernel = { netem: 'qdisc kind is unknown', nft: null };
const noNft: PacketKernel = { netem: null, nft: 'not supported' };
const delay: Needs = { parts: ['delay'], connections: 'reset', onlyEnds: true };
const auto: PodEngine[] = ['netem', 'redirect'];
const choose = (order: readonly PodEngine[], needs: Needs, kernel = all) => chooseEngine(order, needs, kernel, 'link a/b');

describe('the engine of a fault on packets', () => {
  test('is the first that can do all of it', () => {
    expect(choose(auto, delay)).toEqual({ engine: 'netem', why: 'the first that can do all of it here' });
  });

  test.each<[string, Needs, PacketKernel, RegExp]>([
    ['has none', delay, noNetem, /not netem: this node's kernel cannot \(qdisc kind is unknown\)/],
    ['is not able to do a part', { ...delay, parts: ['delay', 'reset'] }, all, /not netem: it cannot do reset/],
    ['would touch open connections', { ...delay, connections: 'keep' }, all, /not netem: it tells no open/],
  ])('is another where the kernel %s, and says why', (_, needs, kernel, why) => {
    expect(choose(auto, needs, kernel)).toMatchObject({ engine: 'redirect', why: expect.stringMatching(why) });
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
    ['loses what comes', ['netem'], { parts: ['ingress'], onlyEnds: true }, all, /netem: it cannot do ingress/],
  ])('is refused with words where none %s', (_, order, needs, kernel, message) => {
    expect(() => choose(order, needs, kernel)).toThrow(message);
  });
});

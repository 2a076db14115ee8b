import { describe, expect, test } from '@jest/globals';
import { commandsFor, handleOf, type Netem, type NetemPlace, type NetemStep } from '../../src/faults/shared/netem-commands.ts';

const place: NetemPlace = {
  device: 'eth0',
  handle: 0x1234,
  destinations: [
    { address: '10.96.0.7', port: 80, protocol: 'tcp' },
    { address: '10.0.0.0/8', port: null, protocol: 'tcp' },
  ],
  excluded: [{ address: '10.96.0.10', port: 53, protocol: 'udp' }],
};
const lines = (step: NetemStep, netem: Netem = {}): string[] => commandsFor(step, place, netem);

describe('the commands of netem', () => {
  test('sort packets first, with no effect yet: what is excluded before what is meant', () => {
    expect(lines('arm')).toEqual([
      'qdisc add dev eth0 root handle 1234: prio bands 4 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0',
      'filter add dev eth0 parent 1234: protocol ip prio 1 u32 match ip dst 10.96.0.10/32 match ip protocol 17 0xff match ip dport 53 0xffff flowid 1234:1',
      'filter add dev eth0 parent 1234: protocol ip prio 2 u32 match ip dst 10.96.0.7/32 match ip protocol 6 0xff match ip dport 80 0xffff flowid 1234:4',
      'filter add dev eth0 parent 1234: protocol ip prio 2 u32 match ip dst 10.0.0.0/8 flowid 1234:4',
    ]);
  });

  test.each<[string, Netem, string]>([
    ['a delay', { delayMs: 100 }, 'delay 100ms'],
    ['jitter is even without more', { delayMs: 100, jitterMs: 20 }, 'delay 100ms 20ms'],
    [
      'each delay is like the one before it',
      { delayMs: 100, jitterMs: 20, correlation: 0.25, distribution: 'normal' },
      'delay 100ms 20ms 25% distribution normal',
    ],
    ['no jitter to correlate', { delayMs: 100, jitterMs: 0 }, 'delay 100ms'],
    ['loss in bursts', { loss: 0.125, correlation: 0.5 }, 'loss 12.5% 50%'],
    ['every other fate', { corruption: 0.001, duplication: 1 }, 'corrupt 0.1% duplicate 100%'],
    ['overtaking needs those that wait', { delayMs: 50, reordering: 0.25 }, 'delay 50ms reorder 25%'],
  ])('do it in one step: %s', (_, netem, words) => {
    expect(lines('add', netem)).toEqual([`qdisc add dev eth0 parent 1234:4 handle 1235: netem limit 100000 ${words}`]);
  });

  test('sort more into the queue that is there, and make none', () => {
    expect(lines('cover')).toEqual(lines('arm').slice(2));
  });

  test('take away only what has our handle', () => {
    expect(lines('remove')).toEqual(['qdisc del dev eth0 root handle 1234:']);
  });

  test('have a handle per injection, outside of those that the kernel gives itself', () => {
    const handles = Array.from({ length: 2000 }, (_, at) => handleOf(`run-${at}-1-1`));
    expect(Math.min(...handles)).toBeGreaterThanOrEqual(0x1000);
    expect(Math.max(...handles)).toBeLessThan(0x8000);
    expect(new Set(handles).size).toBeGreaterThan(1850);
    expect(handleOf('run-1-1')).toBe(handleOf('run-1-1'));
  });
});

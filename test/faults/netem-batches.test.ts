import { describe, expect, test } from '@jest/globals';
import type { Direction } from '../../src/faults/shared/direction.ts';
import { batchesFor, type Sorting } from '../../src/faults/shared/netem-batches.ts';
import type { NetemStep } from '../../src/faults/shared/netem-commands.ts';
import { turningDevice } from '../../src/faults/shared/netem-turning.ts';

const sorting: Sorting = {
  handle: 0x1234,
  direction: 'ingress',
  devices: [{ name: 'eth0', before: [], txQueueLength: 1000 }],
  destinations: [
    { address: '10.96.0.7', port: 80, protocol: 'tcp' },
    { address: '10.0.0.0/8', port: null, protocol: 'tcp' },
  ],
  excluded: [{ address: '10.96.0.10', port: 53, protocol: 'udp' }],
  anySourcePort: false,
};
const batches = (step: NetemStep, given: Partial<Sorting> = {}) => batchesFor(step, { ...sorting, ...given }, { delayMs: 100 });
const into = 'action mirred egress redirect dev firedrill-1234';

describe('netem for what comes in', () => {
  test('is armed without any packet being turned: the filters are in a chain that none comes to', () => {
    expect(batches('arm')).toEqual([
      { program: 'ip', lines: ['link add dev firedrill-1234 up type ifb'] },
      {
        program: 'tc',
        lines: [
          'qdisc add dev firedrill-1234 root handle 1234: prio bands 4 priomap 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0',
          'filter add dev firedrill-1234 parent 1234: protocol ip prio 2 u32 match ip dst 0.0.0.0/0 flowid 1234:4',
          'qdisc add dev eth0 ingress_block 1192960 ingress',
          'filter add block 1192960 chain 1 protocol ip prio 1 u32 match ip src 10.96.0.10/32 flowid 1234:1',
          `filter add block 1192960 chain 1 protocol ip prio 2 u32 match ip src 10.96.0.7/32 match ip protocol 6 0xff match ip sport 80 0xffff ${into}`,
          `filter add block 1192960 chain 1 protocol ip prio 2 u32 match ip src 10.0.0.0/8 ${into}`,
        ],
      },
    ]);
  });

  test('is released by one process: first the queue does it, then all packets are led to the filters in one step', () => {
    expect(batches('add')).toEqual([
      {
        program: 'tc',
        lines: [
          'qdisc add dev firedrill-1234 parent 1234:4 handle 1235: netem limit 100000 delay 100ms',
          'filter add block 1192960 protocol ip prio 3 u32 match u32 0 0 action goto chain 1',
        ],
      },
    ]);
  });

  test('takes in more by filters alone', () => {
    expect(batches('cover')).toEqual([{ program: 'tc', lines: batches('arm')[1]!.lines.slice(4) }]);
  });

  test('is taken away where the block is ours, and the device after what turns packets into it', () => {
    expect(batches('remove')).toEqual([
      { program: 'tc', lines: ['filter del block 1192960', 'qdisc del dev eth0 ingress'] },
      { program: 'ipAll', lines: ['link del dev firedrill-1234'] },
    ]);
  });

  test('gives a device its length back where the kernel has given it another', () => {
    const devices = [0, 500].map((txQueueLength, at) => ({ name: `net${at}`, before: [], txQueueLength }));
    const lines = ['link set dev net0 txqueuelen 0'];
    expect(batches('remove', { devices, direction: 'egress' }).at(-1)).toEqual({ program: 'ipAll', lines });
  });

  test('has a block for each device, so that one that is not ours keeps none from being taken away', () => {
    const lines = batches('remove', { devices: ['eth0', 'net1'].map((name) => ({ name, before: [] })) }).map(
      (batch) => batch.lines[0],
    );
    expect(lines).toEqual(['filter del block 1192960', 'filter del block 1192961', 'link del dev firedrill-1234']);
  });

  test('is for all that comes from an address, once, where no port is meant', () => {
    const destinations = [80, 443].map((port) => ({ address: '10.96.0.7', port, protocol: 'tcp' as const }));
    const [{ lines = [] } = {}] = batches('cover', { destinations, anySourcePort: true });
    expect(lines).toEqual([expect.stringContaining(`match ip src 10.96.0.7/32 ${into}`)]);
  });

  test('has a device whose name the kernel takes', () => {
    expect(turningDevice(0x7eff).length).toBeLessThanOrEqual(15);
  });
});

test.each<[Direction, number, number, number]>([
  ['egress', 1, 1, 1],
  ['ingress', 2, 1, 2],
  ['both', 2, 1, 3],
])('netem for %s takes so many processes to arm, to release and to take away', (direction, arm, add, remove) => {
  expect((['arm', 'add', 'remove'] as const).map((step) => batches(step, { direction }).length)).toEqual([arm, add, remove]);
});

test('netem for both acts on the pod device and on ours', () => {
  const [{ lines = [] } = {}] = batches('add', { direction: 'both' });
  expect(lines.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
    'qdisc add dev eth0',
    'qdisc add dev firedrill-1234',
    'filter add block 1192960',
  ]);
});

import { expect, test } from '@jest/globals';
import { faultByName } from '../../src/faults/index.ts';

const netns = 'net:[4026532000]';
const oldDevice = { name: 'eth0', before: [{ kind: 'noqueue', handle: '0:', root: true }] };
const device = { ...oldDevice, txQueueLength: 0 };
const destinations = [{ address: '10.0.0.7', port: 8080, protocol: 'tcp' }];
/** What the first version kept of a pod. */
const oldPod = { engine: 'netem', why: 'the only one asked for', netns, devices: [oldDevice] };
const pod = { ...oldPod, destinations, devices: [device] };

const now = {
  'network-latency': {
    engine: 'netem',
    baselineMs: 1.2,
    toxic: { delayMs: 300, jitterMs: 0 },
    probePath: null,
    direction: 'ingress',
    pod,
  },
  'network-loss': { pod, netem: { loss: 0.1 }, direction: 'both' },
  'network-partition': { pod, direction: 'both', baselineMs: null },
  'dns-failure': {
    netns,
    resolvers: ['10.96.0.10'],
    rule: { answer: 'nxdomain', delayMs: 0, names: ['*'] },
    before: { outcome: 'answered', elapsedMs: 3 },
  },
};
const names = Object.keys(now) as (keyof typeof now)[];

test.each(names)('an undo of %s is read as it was kept', (name) => {
  expect(faultByName(name)?.undo?.parse(now[name])).toEqual(now[name]);
});

test.each(['network-latency', 'network-loss', 'network-partition'] as const)(
  'an undo of %s from before destinations and lengths were kept is read without them: its target has the former',
  (name) => {
    expect(faultByName(name)?.undo?.parse({ ...now[name], pod: oldPod })).toEqual({
      ...now[name],
      pod: { ...oldPod, destinations: [] },
    });
  },
);

test.each(['network-latency', 'network-loss'] as const)(
  'an undo of %s from before there were directions is one of what the pod sends',
  (name) => {
    const { direction: _direction, ...before } = now[name];
    expect(faultByName(name)?.undo?.parse(before)).toEqual({ ...before, direction: 'egress' });
  },
);

test.each(names)('an undo of %s that another version kept otherwise is not taken for one that can be reverted', (name) => {
  expect(faultByName(name)?.undo?.safeParse({ interfaces: ['eth0'] }).success).toBe(false);
});

test('an undo of a link of a host has no pod', () => {
  const { pod: _pod, ...host } = now['network-latency'];
  expect(faultByName('network-latency')?.undo?.parse({ ...host, engine: 'relay' })).toEqual({ ...host, engine: 'relay' });
});

test('what a kernel queue does outlives its agent, and what rules and relays do ends with it', () => {
  const lifetime = (name: 'network-latency' | 'network-partition', engine: string) =>
    faultByName(name)?.lifetimeFor?.({ ...now[name], pod: { ...pod, engine } });
  expect(lifetime('network-latency', 'netem')).toBe('netns');
  expect(lifetime('network-latency', 'redirect')).toBe('process');
  expect(lifetime('network-partition', 'netem')).toBe('netns');
  expect(lifetime('network-partition', 'drop')).toBe('process');
});

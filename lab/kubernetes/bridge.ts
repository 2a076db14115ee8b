import { readFileSync } from 'node:fs';
import { runToEnd } from '../host/programs.ts';
import { hostAddress, nodeAddress, podSubnet, type Worker } from './topology.ts';

const BRIDGE = 'fdlab';

/** At most 15 letters, and seen to be ours. */
export const cableOf = (node: string): string => `${BRIDGE}-${node}`;

/** The network all nodes are plugged into; the host is on it too, and reaches every pod. */
export async function makeBridge(workers: readonly Worker[]): Promise<void> {
  await runToEnd(['ip', 'link', 'add', BRIDGE, 'type', 'bridge']);
  await runToEnd(['ip', 'addr', 'add', `${hostAddress}/24`, 'dev', BRIDGE]);
  await runToEnd(['ip', 'link', 'set', BRIDGE, 'up']);
  for (const worker of workers) {
    await runToEnd(['ip', 'route', 'add', podSubnet(worker), 'via', nodeAddress(worker), 'dev', BRIDGE]);
  }
}

/** Its routes go with it. */
export async function removeBridge(): Promise<void> {
  await removeLink(BRIDGE);
}

/** Plugs a node in: `eth0` in the network namespace of that process. */
export async function plugIn(node: string, pid: number): Promise<void> {
  await unplug(node);
  await runToEnd(['ip', 'link', 'add', cableOf(node), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  await attach(cableOf(node));
}

export async function attach(link: string): Promise<void> {
  await runToEnd(['ip', 'link', 'set', link, 'master', BRIDGE, 'up']);
}

/** The kernel frees a dead network namespace, and the cable into it, up to a minute late: nobody waits for that. */
export async function unplug(node: string): Promise<void> {
  await removeLink(cableOf(node));
}

async function removeLink(name: string): Promise<void> {
  const links = readFileSync('/proc/net/dev', 'utf8').split('\n');
  if (links.some((line) => line.trim().startsWith(`${name}:`))) await runToEnd(['ip', 'link', 'delete', name]);
}

import { readFileSync } from 'node:fs';
import { runToEnd } from '../host/programs.ts';
import { hostAddress, nodeAddress, podSubnet, type Worker } from './topology.ts';

const BRIDGE = 'fdlab';

/** At most 15 letters, and seen to be ours. */
const linkOf = (node: string): string => `${BRIDGE}-${node}`;

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

/** Plugs a namespace node in: `eth0` in the network namespace of that process. */
export async function plugIn(node: string, pid: number): Promise<void> {
  await unplug(node);
  await runToEnd(['ip', 'link', 'add', linkOf(node), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  await attach(node);
}

/** The cable of a guest, there before it boots; gives its name. */
export async function layTap(node: string): Promise<string> {
  await unplug(node);
  await runToEnd(['ip', 'tuntap', 'add', linkOf(node), 'mode', 'tap']);
  await attach(node);
  return linkOf(node);
}

async function attach(node: string): Promise<void> {
  await runToEnd(['ip', 'link', 'set', linkOf(node), 'master', BRIDGE, 'up']);
}

/** The kernel frees a dead network namespace, and the cable into it, up to a minute late: nobody waits for that. */
export async function unplug(node: string): Promise<void> {
  await removeLink(linkOf(node));
}

/** The kernel takes a cable away with the network namespace of its other end, maybe just now: what matters is that it is gone. */
async function removeLink(name: string): Promise<void> {
  if (!isThere(name)) return;
  try {
    await runToEnd(['ip', 'link', 'delete', name]);
  } catch (error) {
    if (isThere(name)) throw error;
  }
}

function isThere(name: string): boolean {
  const links = readFileSync('/proc/net/dev', 'utf8').split('\n');
  return links.some((line) => line.trim().startsWith(`${name}:`));
}

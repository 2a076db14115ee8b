import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../domain/errors.ts';
import type { ContainerProcess } from '../../faults/node-tools.ts';
import { hasEnded } from '../../ended.ts';
import { isInPod } from './cgroup-lines.ts';
import { parseStat } from '../host/processes.ts';

export interface ContainerProcesses {
  /** The first process of the container, or of any container of the pod; null when none runs here. Errors: `policy/denied`. */
  find(podUid: string, containerId?: string): ContainerProcess | null;
  /** All of a pod, in the order in which they began. */
  all(podUid: string): readonly ContainerProcess[];
  /** The same process, in the same network namespace. */
  isSame(process: ContainerProcess): boolean;
}

/** Reads `/proc` as it is in the node's process namespace, of whose processes `firstPid` is the first. */
export function containerProcesses(proc = '/proc', firstPid = 1): ContainerProcesses {
  const read = (pid: string): ContainerProcess | null => {
    try {
      const stat = parseStat(readFileSync(join(proc, pid, 'stat'), 'utf8'));
      if (stat === null) return null;
      return { pid: Number(pid), startTime: stat.startTime, netns: readlinkSync(join(proc, pid, 'ns/net')) };
    } catch (error) {
      if (hasEnded(error)) return null; // while it was looked at
      throw error;
    }
  };
  const all = (podUid: string, containerId?: string): readonly ContainerProcess[] =>
    readdirSync(proc)
      .filter((name) => /^\d+$/.test(name) && isInPod(textOf(join(proc, name, 'cgroup')), podUid, containerId))
      .map(read)
      .filter((process) => process !== null)
      .sort((a, b) => Number(a.startTime) - Number(b.startTime) || a.pid - b.pid);
  const isSame = (process: ContainerProcess): boolean => {
    const now = read(String(process.pid));
    return now !== null && now.startTime === process.startTime && now.netns === process.netns;
  };
  /** While it lives, none of its container is older. A node has thousands of processes, and faults ask twice a second. */
  const known = new Map<string, ContainerProcess>();
  return {
    all: (podUid) => all(podUid),
    find(podUid, containerId = '') {
      const key = `${podUid}/${containerId}`;
      const last = known.get(key);
      if (last !== undefined && isSame(last)) return last;
      known.delete(key);
      const first = all(podUid, containerId)[0];
      if (first === undefined) return null;
      if (first.netns === read(String(firstPid))?.netns) throw onHostNetwork(podUid);
      known.set(key, first);
      return first;
    },
    isSame,
  };
}

/** What breaks its network breaks the node's, and with it the way back. */
function onHostNetwork(podUid: string): AppError {
  return new AppError(
    'policy/denied',
    `pod ${podUid} has the node's network: a fault in it would hit the node. Choose another pod`,
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasEnded(error)) return '';
    throw error;
  }
}

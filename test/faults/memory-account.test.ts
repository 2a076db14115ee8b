import { describe, expect, test } from '@jest/globals';
import type { FaultContext } from '../../src/faults/fault.ts';
import type { ContainerInstance } from '../../src/faults/shared/container.ts';
import type { ContainerCgroup } from '../../src/faults/node-tools.ts';
import { memoryLimitOf, wouldEndContainer } from '../../src/faults/shared/memory-account.ts';
import { createContext } from './context.ts';

const mebibyte = 2 ** 20;
const instance: ContainerInstance = { podUid: 'p', container: 'app', containerId: 'c', pid: 42, startTime: '1', netns: 'n' };
const cgroup = (version: 1 | 2): ContainerCgroup => ({ version, directory: () => '/cg', all: ['/cg'], namespace: '/ns' });

/** An agent whose kernel says just this. */
function reading(files: Readonly<Record<string, string>>): FaultContext {
  const context = createContext('reading-1-1');
  const readText = async (path: string): Promise<string> => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return text;
  };
  return { ...context, host: { ...context.host, files: { ...context.host.files, readText } } };
}

describe('whom the kernel would end for want of memory', () => {
  const load = { limitBytes: 100 * mebibyte, loadBytes: 10 * mebibyte };
  const processes = (theirs: number, ours: number, residentMiB: number) => ({
    '/proc/42/oom_score_adj': `${theirs}\n`,
    '/proc/self/oom_score_adj': `${ours}\n`,
    '/proc/42/status': `Name:\tapp\nVmRSS:\t${residentMiB * 1024} kB\n`,
  });

  test.each([
    // The larger of two that count alike.
    [0, 0, 20, true],
    [0, 0, 5, false],
    // A thousandth of the limit for each point: 990 of them are 99 MiB.
    [990, 0, 1, true],
    // A Guaranteed container is spared until nobody else is left, except by an agent that is Guaranteed too.
    [-997, 0, 80, false],
    [-997, -997, 80, true],
  ])('with %i against %i points and %i MiB resident, the container: %j', async (theirs, ours, residentMiB, ends) => {
    expect(await wouldEndContainer(reading(processes(theirs, ours, residentMiB)), cgroup(1), instance, load)).toBe(ends);
  });

  test('the whole container, where the kubelet said so', async () => {
    const files = { ...processes(-997, 0, 1), '/cg/memory.oom.group': '1\n' };
    expect(await wouldEndContainer(reading(files), cgroup(2), instance, load)).toBe(true);
    expect(await wouldEndContainer(reading({ ...files, '/cg/memory.oom.group': '0\n' }), cgroup(2), instance, load)).toBe(false);
  });

  test('a container without a limit is refused: its share would be of the node', async () => {
    const unlimited = reading({ '/cg/memory.max': 'max\n' });
    await expect(memoryLimitOf(unlimited, cgroup(2), 'container x')).rejects.toMatchObject({ code: 'policy/denied' });
  });
});

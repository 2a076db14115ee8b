import { describe, expect, test } from '@jest/globals';
import type { NodeTools } from '../../src/faults/node-tools.ts';
import { heldByLoads, loadsOf } from '../../src/faults/shared/stress-load.ts';
import { createContext } from './context.ts';

const process = { pid: 20, startTime: '200', netns: 'net:[7]' };
const instance = { podUid: 'uid', container: 'shop', containerId: 'id', ...process };
const cgroup = '/cgroup/shop';

/** A node with one load, of which one read fails. */
function contextOf(failing: string, code: string) {
  const context = createContext('run-1-1-1');
  const texts: Record<string, string> = {
    [`${cgroup}/cgroup.procs`]: '31\n32\n',
    '/proc/31/environ': 'FIREDRILL_INJECTION=run-1-1-1\0',
    '/proc/31/stat': '31 (stress-ng) S 1 31 31',
    '/proc/31/status': 'RssAnon:\t 10 kB\n',
    '/proc/32/environ': '',
    '/proc/32/stat': '32 (stress-ng-vm) S 31 31 31',
    '/proc/32/status': 'RssAnon:\t 110 kB\n',
  };
  const readText = async (path: string): Promise<string> => {
    if (path === failing) throw Object.assign(new Error(`${code}: ${path}`), { code });
    return texts[path] ?? '';
  };
  const node = {
    findContainer: async () => process,
    cgroupOf: async () => ({ all: [cgroup] }),
  } as unknown as NodeTools;
  return { ...context, host: { ...context.host, files: { ...context.host.files, readText } }, node };
}

describe('the processes of a load', () => {
  test('are all of its process group, and what they hold is more than their leader does', async () => {
    expect(await loadsOf(contextOf('none', ''), instance)).toEqual([31, 32]);
    expect(await heldByLoads(contextOf('none', ''), instance)).toBe(100 * 1024);
  });

  test.each([`${cgroup}/cgroup.procs`, '/proc/31/environ', '/proc/31/stat'])(
    'are gone where %s is, and are not taken for gone where it cannot be read',
    async (path) => {
      for (const code of ['ENOENT', 'ESRCH', 'ENODEV']) expect(await loadsOf(contextOf(path, code), instance)).toEqual([]);
      for (const code of ['EMFILE', 'ENOMEM'])
        await expect(loadsOf(contextOf(path, code), instance)).rejects.toMatchObject({ code });
    },
  );

  test('are none of those that their container keeps from being looked at: what is ours can be', async () => {
    expect(await loadsOf(contextOf('/proc/31/environ', 'EACCES'), instance)).toEqual([]);
    await expect(loadsOf(contextOf('/proc/31/stat', 'EACCES'), instance)).rejects.toMatchObject({ code: 'EACCES' });
  });

  test('hold what nobody knows where it cannot be read', async () => {
    await expect(heldByLoads(contextOf('/proc/32/status', 'EMFILE'), instance)).rejects.toMatchObject({ code: 'EMFILE' });
  });
});

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { containerProcesses } from '../../../src/adapters/node/container-processes.ts';

const podUid = 'aa2b28d8-fb50-48b9-8c77-dc83517a299f';
const container = '5b78bd2bc84f324e86c8d9ee1039ab68926b4eccd6ad0c69c7e3c1aa2f9d9830';
const other = '0000bd2bc84f324e86c8d9ee1039ab68926b4eccd6ad0c69c7e3c1aa2f9d0000';

/** As recorded on nodes: both versions and both drivers, and from within a cgroup namespace. */
const shapes = {
  'version 1, cgroupfs': (id: string) =>
    `4:memory:/kubepods/burstable/pod${podUid}/${id}\n1:cpu:/kubepods/burstable/pod${podUid}/${id}\n0::/\n`,
  'version 2, cgroupfs, in a namespace': (id: string) => `0::/../../pod${podUid}/${id}\n`,
  'version 2, systemd': (id: string) =>
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${podUid.replaceAll('-', '_')}.slice/cri-containerd-${id}.scope\n`,
};

let proc: string;
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'proc-'));
  process(1, { startTime: 1, cgroup: '0::/\n', netns: 'net:[1]' });
});
afterEach(() => rmSync(proc, { recursive: true }));

function process(pid: number, is: { startTime: number; cgroup: string; netns: string; state?: string }): void {
  mkdirSync(join(proc, `${pid}/ns`), { recursive: true });
  const fields = [is.state ?? 'S', ...Array<string>(18).fill('0'), String(is.startTime), '0'];
  writeFileSync(join(proc, `${pid}/stat`), `${pid} (a (name) of spaces) ${fields.join(' ')}\n`);
  writeFileSync(join(proc, `${pid}/cgroup`), is.cgroup);
  rmSync(join(proc, `${pid}/ns/net`), { force: true });
  symlinkSync(is.netns, join(proc, `${pid}/ns/net`));
}

describe("a container's processes", () => {
  test.each(Object.entries(shapes))('are found by pod and container: %s', (_name, cgroupOf) => {
    process(20, { startTime: 200, cgroup: cgroupOf(container), netns: 'net:[7]' });
    process(30, { startTime: 100, cgroup: cgroupOf(container), netns: 'net:[7]' });
    process(40, { startTime: 50, cgroup: cgroupOf(other), netns: 'net:[7]' });
    const processes = containerProcesses(proc);
    expect(processes.find(podUid, container)).toEqual({ pid: 30, startTime: '100', netns: 'net:[7]' });
    expect(processes.find(podUid)).toMatchObject({ pid: 40 });
    expect(processes.find('00000000-fb50-48b9-8c77-dc83517a299f')).toBeNull();
    expect(processes.find(podUid, 'f'.repeat(64))).toBeNull();
  });

  test('leave out one that has ended and is only waited for', () => {
    process(20, { startTime: 1, cgroup: shapes['version 2, systemd'](container), netns: 'net:[7]', state: 'Z' });
    expect(containerProcesses(proc).find(podUid, container)).toBeNull();
  });

  test('are looked for among all others only while the first one is not known, or no longer lives', () => {
    const cgroup = shapes['version 2, systemd'](container);
    process(20, { startTime: 5, cgroup, netns: 'net:[7]' });
    const processes = containerProcesses(proc);
    expect(processes.find(podUid, container)).toMatchObject({ pid: 20 });
    process(30, { startTime: 9, cgroup, netns: 'net:[7]' });
    writeFileSync(join(proc, '20/cgroup'), '');
    expect(processes.find(podUid, container)).toMatchObject({ pid: 20 });
    process(20, { startTime: 12, cgroup: '0::/other\n', netns: 'net:[7]' });
    expect(processes.find(podUid, container)).toMatchObject({ pid: 30 });
    rmSync(join(proc, '30'), { recursive: true });
    expect(processes.find(podUid, container)).toBeNull();
  });

  test.each(['cgroup', 'stat'])('are not taken for gone where their %s cannot be read', (file) => {
    process(20, { startTime: 1, cgroup: shapes['version 2, systemd'](container), netns: 'net:[7]' });
    const processes = containerProcesses(proc);
    // As a descriptor that is wanting would: it is there, and reading it fails.
    rmSync(join(proc, '20', file));
    mkdirSync(join(proc, '20', file));
    expect(() => processes.find(podUid, container)).toThrow(/EISDIR/);
    expect(() => containerProcesses(proc).all(podUid)).toThrow(/EISDIR/);
  });

  test("are refused where they have the node's own network", () => {
    process(20, { startTime: 1, cgroup: shapes['version 2, systemd'](container), netns: 'net:[1]' });
    expect(() => containerProcesses(proc).find(podUid, container)).toThrow(/has the node's network/);
  });

  test("are told from a node's by the first process of that node, which is not the first of all where one sees several nodes", () => {
    process(10, { startTime: 2, cgroup: '0::/\n', netns: 'net:[9]' });
    process(20, { startTime: 5, cgroup: shapes['version 2, systemd'](container), netns: 'net:[9]' });
    expect(containerProcesses(proc).find(podUid, container)).toMatchObject({ pid: 20 });
    expect(() => containerProcesses(proc, 10).find(podUid, container)).toThrow(/has the node's network/);
  });

  test('are the same only with the same start and in the same network namespace', () => {
    const cgroup = shapes['version 2, systemd'](container);
    process(20, { startTime: 1, cgroup, netns: 'net:[7]' });
    const processes = containerProcesses(proc);
    const found = processes.find(podUid, container)!;
    expect(processes.isSame(found)).toBe(true);
    process(20, { startTime: 2, cgroup, netns: 'net:[7]' });
    expect(processes.isSame(found)).toBe(false);
    process(20, { startTime: 1, cgroup, netns: 'net:[8]' });
    expect(processes.isSame(found)).toBe(false);
    rmSync(join(proc, '20'), { recursive: true });
    expect(processes.isSame(found)).toBe(false);
  });
});

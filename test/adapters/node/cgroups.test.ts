import { describe, expect, test } from '@jest/globals';
import { cgroupFrom, parseCgroupMounts } from '../../../src/adapters/node/cgroups.ts';

const version1 = [
  '96 95 0:54 / /sys/fs/cgroup rw,relatime shared:26 - tmpfs cgroup rw,mode=755',
  '97 96 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:27 - cgroup cgroup rw,cpu,cpuacct',
  '100 96 0:32 / /sys/fs/cgroup/memory rw,relatime shared:30 - cgroup memory rw,memory',
  '105 96 0:37 / /sys/fs/cgroup/systemd rw,relatime shared:35 - cgroup systemd rw,name=systemd',
].join('\n');
const version2 = '33 25 0:28 / /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const hybrid = `${version1}\n106 96 0:38 / /sys/fs/cgroup/unified rw shared:36 - cgroup2 cgroup2 rw`;

describe("a container's cgroup", () => {
  test('is one directory per hierarchy in version 1, also where two controllers share one', () => {
    const text = '4:memory:/kubepods/podX/C\n2:cpu,cpuacct:/kubepods/podX/C\n9:name=systemd:/kubepods/podX/C\n0::/\n';
    for (const mounts of [version1, hybrid]) {
      const { version, directory, all } = cgroupFrom(text, parseCgroupMounts(mounts));
      expect(version).toBe(1);
      expect(directory('memory')).toBe('/proc/1/root/sys/fs/cgroup/memory/kubepods/podX/C');
      expect(directory('cpu')).toBe(directory('cpuacct'));
      expect([...all].sort()).toEqual(
        ['cpu,cpuacct', 'memory', 'systemd'].map((name) => `/proc/1/root/sys/fs/cgroup/${name}/kubepods/podX/C`),
      );
      expect(() => directory('pids')).toThrow(/no cgroup mount for pids/);
    }
  });

  test('is one directory for all in version 2', () => {
    const { version, directory, all } = cgroupFrom('0::/kubepods.slice/x.scope\n', parseCgroupMounts(version2));
    expect(version).toBe(2);
    expect(all).toEqual(['/proc/1/root/sys/fs/cgroup/kubepods.slice/x.scope']);
    expect(directory('memory')).toBe(directory('pids'));
  });

  test('is an error where the node has none', () => {
    expect(() => cgroupFrom('0::/x\n', parseCgroupMounts(''))).toThrow(/no cgroup mount/);
  });
});

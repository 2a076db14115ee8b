/** What a container may use of a resource, and uses, from the files of its cgroup. */
export type CgroupVersion = 1 | 2;

export const cpuFiles = {
  1: { usage: 'cpuacct.usage', throttling: 'cpu.stat', quota: ['cpu.cfs_quota_us', 'cpu.cfs_period_us'] },
  2: { usage: 'cpu.stat', throttling: 'cpu.stat', quota: ['cpu.max'] },
} as const;

export const memoryFiles = {
  1: { usage: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes' },
  2: { usage: 'memory.current', limit: 'memory.max' },
} as const;

export const ioFiles = { 1: 'blkio.throttle.io_service_bytes', 2: 'io.stat' } as const;

/** Bytes that went to block devices since the cgroup was made. */
export function writtenBytes(version: CgroupVersion, text: string): number {
  const each = version === 1 ? /^\d+:\d+ Write (\d+)$/gm : /\bwbytes=(\d+)/g;
  return [...text.matchAll(each)].reduce((total, [, bytes]) => total + Number(bytes), 0);
}

/** `key value` lines, as in cpu.stat and memory.stat. */
export function statOf(text: string, key: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${key} `));
  return line === undefined ? null : Number(line.slice(key.length + 1));
}

/** Processor seconds since the cgroup was made. */
export function cpuSeconds(version: CgroupVersion, text: string): number {
  return version === 1 ? Number(text) / 1e9 : (statOf(text, 'usage_usec') ?? 0) / 1e6;
}

/** Cores; null: as many as the node has. */
export function cpuLimit(version: CgroupVersion, texts: readonly string[]): number | null {
  const [quota = '', period = ''] = version === 1 ? texts.map((text) => text.trim()) : (texts[0] ?? '').trim().split(' ');
  return quota === 'max' || Number(quota) <= 0 ? null : Number(quota) / Number(period);
}

/** What could not be taken back under pressure: file pages that nobody used lately do not count, as with the kubelet. */
export function workingSetBytes(version: CgroupVersion, usage: string, stat: string): number {
  const inactive = statOf(stat, version === 1 ? 'total_inactive_file' : 'inactive_file') ?? 0;
  return Math.max(0, Number(usage) - inactive);
}

/** null: no limit. Version 1 writes a number near 2^63 for none. */
export function memoryLimit(text: string): number | null {
  const value = text.trim();
  return value === 'max' || Number(value) >= 2 ** 60 ? null : Number(value);
}

import { describe, expect, test } from '@jest/globals';
import {
  cpuLimit,
  cpuSeconds,
  memoryLimit,
  statOf,
  workingSetBytes,
  writtenBytes,
} from '../../src/faults/shared/cgroup-figures.ts';

describe('what the files of a cgroup say', () => {
  test('processor seconds, of nanoseconds in version 1 and of microseconds in version 2', () => {
    expect(cpuSeconds(1, '2500000000\n')).toBe(2.5);
    expect(cpuSeconds(2, 'usage_usec 2500000\nuser_usec 1\n')).toBe(2.5);
  });

  test.each([
    [1, ['50000\n', '100000\n'], 0.5],
    [1, ['-1\n', '100000\n'], null],
    [2, ['50000 100000\n'], 0.5],
    [2, ['max 100000\n'], null],
  ] as const)('cores of version %j from %j are %j', (version, texts, cores) => {
    expect(cpuLimit(version, texts)).toBe(cores);
  });

  test('a working set leaves out file pages that nobody used lately, of the container and all below it', () => {
    expect(workingSetBytes(1, '1000\n', 'inactive_file 7\ntotal_inactive_file 300\n')).toBe(700);
    expect(workingSetBytes(2, '1000\n', 'inactive_file 300\n')).toBe(700);
    expect(workingSetBytes(2, '100\n', 'inactive_file 300\n')).toBe(0);
  });

  test('bytes written, of all devices, and no others', () => {
    const version1 = '254:0 Read 7\n254:0 Write 300\n254:0 Sync 300\n254:0 Total 307\n8:16 Write 5\nTotal 312\n';
    expect(writtenBytes(1, version1)).toBe(305);
    expect(writtenBytes(1, 'Total 0\n')).toBe(0);
    expect(writtenBytes(2, '254:0 rbytes=7 wbytes=300 rios=1 wios=2 dbytes=9\n8:16 rbytes=0 wbytes=5\n')).toBe(305);
    expect(writtenBytes(2, '')).toBe(0);
  });

  test.each([
    ['67108864\n', 67_108_864],
    ['9223372036854771712\n', null],
    ['max\n', null],
  ])('a memory limit of %j is %j', (text, bytes) => {
    expect(memoryLimit(text)).toBe(bytes);
  });

  test('a line is found by its whole name', () => {
    expect(statOf('nr_throttled_x 1\nnr_throttled 5\n', 'nr_throttled')).toBe(5);
    expect(statOf('nr_throttled 5\n', 'nr_periods')).toBeNull();
  });
});

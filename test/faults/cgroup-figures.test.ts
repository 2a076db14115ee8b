import { describe, expect, test } from '@jest/globals';
import { cpuLimit, cpuSeconds, memoryLimit, statOf, workingSetBytes } from '../../src/faults/shared/cgroup-figures.ts';

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

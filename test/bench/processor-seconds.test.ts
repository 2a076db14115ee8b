import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { processorSeconds } from '../../bench/harness/processor-seconds.ts';

describe('the processor time of a process', () => {
  test('is user and system time together, whatever the process is called', () => {
    expect(processorSeconds('12 (a) b (c) S 1 12 12 0 -1 4194560 5000 0 3 0 150 50 0 0 20 0 11 0 1000 1 1')).toBe(2);
  });

  test('is that of this process, as the kernel writes it', () => {
    const { user, system } = process.cpuUsage();
    expect(processorSeconds(readFileSync('/proc/self/stat', 'utf8'))).toBeCloseTo((user + system) / 1e6, 0);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryFiles, workingSetBytes } from '../../faults/shared/cgroup-figures.ts';

export interface MemoryLimit {
  readonly version: 1 | 2;
  readonly directory: string;
  readonly limitBytes: number;
  /** Always left to the container. */
  readonly floorBytes: number;
}

/** Whether the container has less left than its floor. Where its account cannot be read it counts as having less. */
export function isBelowFloor({ version, directory, limitBytes, floorBytes }: MemoryLimit): boolean {
  try {
    const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
    return limitBytes - workingSetBytes(version, read(memoryFiles[version].usage), read('memory.stat')) < floorBytes;
  } catch {
    return true;
  }
}

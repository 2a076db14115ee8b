import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memoryFiles, workingSetBytes, type CgroupVersion } from '../../faults/shared/cgroup-figures.ts';

export interface MemoryAccount {
  readonly version: CgroupVersion;
  readonly directory: string;
  readonly limitBytes: number;
  /** Always left to the container; null: on purpose nothing is. */
  readonly floorBytes: number | null;
}

/** Looks at what a container uses of its memory. */
export class MemoryGuard {
  readonly #account: MemoryAccount;
  #mostBytes = 0;

  constructor(account: MemoryAccount) {
    this.#account = account;
  }

  /** The most that was seen. */
  get mostBytes(): number {
    return this.#mostBytes;
  }

  /** Whether less than the floor is left. An account that cannot be read has nothing left. */
  isTooLittleLeft(): boolean {
    const { limitBytes, floorBytes } = this.#account;
    const used = this.#usedBytes();
    this.#mostBytes = Math.max(this.#mostBytes, used ?? 0);
    return floorBytes !== null && (used === null || limitBytes - used < floorBytes);
  }

  #usedBytes(): number | null {
    const { version, directory } = this.#account;
    try {
      const read = (name: string): string => readFileSync(join(directory, name), 'utf8');
      return workingSetBytes(version, read(memoryFiles[version].usage), read('memory.stat'));
    } catch {
      return null;
    }
  }
}

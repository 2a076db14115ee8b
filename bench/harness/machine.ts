import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, freemem, loadavg, release, totalmem } from 'node:os';
import { version } from '../../src/version.ts';

/** What the figures were made on: without it a number cannot be compared with another day's. */
export interface Machine {
  readonly firedrill: string;
  /** null outside a git checkout; `+` after it when files were changed since. */
  readonly commit: string | null;
  readonly node: string;
  readonly kernel: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryMb: number;
}

/** The machine at one moment: a busy one makes every figure worse. */
export interface Load {
  readonly at: string;
  /** Over 1, 5 and 15 minutes. */
  readonly loadAverage: readonly number[];
  readonly freeMemoryMb: number;
}

export function describeMachine(): Machine {
  return {
    firedrill: version,
    commit: commit(),
    node: process.version,
    kernel: release(),
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMb: megabytes(totalmem()),
  };
}

export function readLoad(): Load {
  return {
    at: new Date().toISOString(),
    loadAverage: loadavg().map((load) => Math.round(load * 100) / 100),
    freeMemoryMb: megabytes(freemem()),
  };
}

function commit(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--exclude=*', '--dirty=+'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

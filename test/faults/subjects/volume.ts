import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetRef } from '../../../src/domain/plan/plan.ts';

export const volumeBytes = 64 * 2 ** 20;

export interface TestVolume {
  readonly path: string;
  readonly target: TargetRef;
  dispose(): Promise<void>;
}

/** A tmpfs of its own, so that its numbers are nobody else's. Needs root. */
export async function mountVolume(): Promise<TestVolume> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'firedrill-volume-')));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${volumeBytes}`, 'firedrill-test', path]);
  return {
    path,
    target: { kind: 'volume', service: 'audit', name: 'journal', uid: path, locator: { path } },
    dispose: async () => {
      execFileSync('umount', [path]);
      await rm(path, { recursive: true });
    },
  };
}

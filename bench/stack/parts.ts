import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPart, stopPart } from '../../lab/host/part.ts';
import type { PartCommand, PartRecord } from '../../lab/host/part.ts';

/** The processes of one bench stack, and the folder they live in. All are ended, and it is removed, when disposed of. */
export interface Parts extends AsyncDisposable {
  readonly directory: string;
  /** A log file of its own for each start, so that nothing of an earlier life is read there. */
  logFile(name: string): string;
  start(command: PartCommand): Promise<PartRecord>;
}

export async function createParts(): Promise<Parts> {
  const directory = await mkdtemp(join(tmpdir(), 'firedrill-bench-'));
  const started: PartRecord[] = [];
  let logs = 0;
  return {
    directory,
    logFile: (name) => join(directory, `${name}-${(logs += 1)}.log`),
    start: (command) => startPart(command, (record) => started.push(record)),
    async [Symbol.asyncDispose]() {
      // Last started first, and one that does not end must not keep the others alive.
      const endings = [];
      for (const part of started.toReversed()) endings.push(...(await Promise.allSettled([stopPart(part)])));
      await rm(directory, { recursive: true, force: true });
      const failure = endings.find((ending) => ending.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
    },
  };
}

import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 200;

/** Tries again until it works: parts of a system start in any order, and one that gave up would only be started again, later. */
export async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch {
      await sleep(PAUSE_MS);
    }
  }
}

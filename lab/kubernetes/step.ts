import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf } from '../../src/domain/errors.ts';

export type Report = (line: string) => void;

const POLL_MS = 200;

/** Does it, and says how long it took. */
export async function step<T>(report: Report, what: string, work: () => Promise<T>): Promise<T> {
  const beganAt = performance.now();
  const result = await work();
  report(`${((performance.now() - beganAt) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  return result;
}

/** Waits until it is so. What `holds` throws means not yet, and is said in the end. Errors: `upstream/unreachable`. */
export async function until(what: string, withinMs: number, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let reason = '';
    try {
      if (await holds()) return;
    } catch (error) {
      reason = `: ${messageOf(error)}`;
    }
    if (performance.now() > deadline) {
      throw new AppError('upstream/unreachable', `${what} did not come true within ${withinMs / 1000} s${reason}`);
    }
    await sleep(POLL_MS);
  }
}

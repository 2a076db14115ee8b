import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError, messageOf } from '../../src/domain/errors.ts';

export type Report = (line: string) => void;

const POLL_MS = 50;

/** Does it, and says how long it took. */
export async function step<T>(report: Report, what: string, work: () => Promise<T>): Promise<T> {
  const beganAt = performance.now();
  const result = await work();
  report(`${((performance.now() - beganAt) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  return result;
}

/**
 * Waits until there is an answer, and gives it; null means not yet. So does an error, but one of ours that no waiting changes,
 * `part/died`. Errors: `upstream/unreachable`, with the last error.
 */
export async function until<T>(what: string, withinMs: number, ask: () => T | null | Promise<T | null>): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    let reason = '';
    try {
      const answer = await ask();
      if (answer !== null) return answer;
    } catch (error) {
      if (isAppError(error) && error.code === 'part/died') throw error;
      reason = `: ${messageOf(error)}`;
    }
    if (performance.now() > deadline) {
      throw new AppError('upstream/unreachable', `${what} did not come within ${withinMs / 1000} s${reason}`);
    }
    await sleep(POLL_MS);
  }
}

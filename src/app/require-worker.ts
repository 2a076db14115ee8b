import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../domain/errors.ts';
import type { Orchestrator } from '../ports/orchestrator.ts';

/** A worker that was just started is known to Temporal a moment later. */
const patienceMs = 3_000;
const lookEveryMs = 200;

/**
 * What nobody takes up would wait, and begin whenever a worker comes, with nobody looking. Errors: `worker/missing`,
 * `temporal/unreachable`.
 */
export async function requireWorker(orchestrator: Pick<Orchestrator, 'workers'>): Promise<void> {
  for (let waited = 0; waited <= patienceMs; waited += lookEveryMs) {
    if ((await orchestrator.workers()).length > 0) return;
    await sleep(lookEveryMs);
  }
  throw new AppError('worker/missing', 'no worker takes up runs, so nothing was started. Start one with `firedrill worker`');
}

import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../src/activities/index.ts';
import { revertQueue } from './messages.ts';

/** Reads and appends: safe to repeat, quickly given up, so that a run never hangs before anything was touched. */
export const quick = proxyActivities<Activities>({
  startToCloseTimeout: '20s',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumAttempts: 4 },
});

/** Sampling over a window before anything is touched: it beats, and starts again when its worker dies. */
export const baseline = proxyActivities<Activities>({
  startToCloseTimeout: '15m',
  heartbeatTimeout: '5s',
  retry: { initialInterval: '250ms', backoffCoefficient: 1, maximumAttempts: 3 },
});

/**
 * The watcher. TRY_CANCEL: the revert must be scheduled in the same workflow task as the cancel, not after an acknowledgement.
 * Unlimited attempts: a spare worker goes on while the lease lasts, and a watcher that finds its records reverted ends the run.
 */
export const watcher = proxyActivities<Activities>({
  startToCloseTimeout: '24h',
  heartbeatTimeout: '5s',
  cancellationType: 'TRY_CANCEL',
  retry: { initialInterval: '250ms', backoffCoefficient: 1 },
});

/** Never given up: no attempt limit and no schedule-to-close timeout, each of which would turn "keep trying" into "stop silently". */
export const undo = proxyActivities<Activities>({
  taskQueue: revertQueue,
  startToCloseTimeout: '60s',
  heartbeatTimeout: '5s',
  retry: { initialInterval: '250ms', backoffCoefficient: 1.5, maximumInterval: '5s' },
});

/** After the revert: measuring and writing may take a while and may fail; the run has been made safe before. */
export const afterwards = proxyActivities<Activities>({
  startToCloseTimeout: '2m',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 4 },
});

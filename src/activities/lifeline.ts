import { activityInfo, cancellationSignal, getClient, heartbeat } from '@temporalio/activity';
import { defaultPayloadConverter, toPayloads } from '@temporalio/common';
import type { Clock } from '../ports/clock.ts';

/** How often Temporal is told that this attempt lives. */
const beatEveryMs = 1000;
/** A heartbeat that is not acknowledged in this time does not count as one. */
const acknowledgeWithinMs = 3000;

/** This attempt's standing with Temporal. Renewing a lease needs it: a worker that Temporal has forgotten must not keep a fault on. */
export interface Lifeline {
  /** An acknowledged heartbeat within the last 3 s. */
  isAcknowledged(): boolean;
  /** Temporal refused or cancelled this attempt: the run is over, or goes on elsewhere. */
  readonly lost: Promise<string>;
  stop(): void;
}

/**
 * Beats to Temporal itself, beside the SDK's heartbeat: the SDK's is throttled and its acknowledgement is not shown, and a
 * worker would renew leases for as long as it likes after Temporal is dead.
 */
export function startLifeline(clock: Clock, details: () => unknown): Lifeline {
  const { taskToken } = activityInfo();
  const { connection, workflowService, options } = getClient();
  const lost = Promise.withResolvers<string>();
  const signal = cancellationSignal();
  let acknowledgedAt = Number.NEGATIVE_INFINITY;

  const beat = async () => {
    const startedAt = clock.monotonic();
    heartbeat(details());
    try {
      const payloads = toPayloads(defaultPayloadConverter, details());
      const answer = await connection.withDeadline(Date.now() + acknowledgeWithinMs, () =>
        workflowService.recordActivityTaskHeartbeat({
          namespace: options.namespace,
          taskToken,
          details: { payloads: payloads ?? [] },
        }),
      );
      if (answer.cancelRequested) lost.resolve('cancelled');
      acknowledgedAt = startedAt;
    } catch (error) {
      // gRPC NOT_FOUND: terminated, timed out, reset, or another attempt has taken over.
      if ((error as { code?: number }).code === 5) lost.resolve('Temporal no longer knows this attempt');
    }
  };

  signal.addEventListener('abort', () => lost.resolve('cancelled'), { once: true });
  const timer = setInterval(() => void beat(), beatEveryMs);
  void beat();
  return {
    isAcknowledged: () => clock.monotonic() - acknowledgedAt <= acknowledgeWithinMs,
    lost: lost.promise,
    stop: () => clearInterval(timer),
  };
}

import { activityInfo, getClient, heartbeat } from '@temporalio/activity';
import { defaultPayloadConverter, toPayloads } from '@temporalio/common';
import type { LifelineInput } from './lifeline.ts';

/**
 * Beats to Temporal itself, beside the SDK's heartbeat: that one is throttled and its acknowledgement is not shown. To be
 * called inside an activity.
 */
export function createDirectHeartbeat(details: () => unknown): LifelineInput['beat'] {
  const { taskToken } = activityInfo();
  const { connection, workflowService, options } = getClient();

  return async (withinMs) => {
    const now = details();
    heartbeat(now);
    const payloads = toPayloads(defaultPayloadConverter, now) ?? [];
    try {
      const { cancelRequested } = await connection.withDeadline(Date.now() + withinMs, () =>
        workflowService.recordActivityTaskHeartbeat({ namespace: options.namespace, taskToken, details: { payloads } }),
      );
      return { lost: cancelRequested ? 'cancelled' : null };
    } catch (error) {
      // gRPC NOT_FOUND: terminated, timed out, reset, or another attempt has taken over.
      if ((error as { code?: number }).code === 5) return { lost: 'Temporal no longer knows this attempt' };
      throw error;
    }
  };
}

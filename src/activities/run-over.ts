import { activityInfo, getClient } from '@temporalio/activity';

/**
 * Whether the workflow run of this activity has ended: terminated, reset or failed, and then nobody reverts for it. False also
 * when Temporal does not say. To be called inside an activity.
 */
export async function isRunOver(): Promise<boolean> {
  const { workflowId, runId } = activityInfo().workflowExecution ?? {};
  if (workflowId === undefined) return false;
  try {
    const { status } = await getClient().workflow.getHandle(workflowId, runId).describe();
    return status.name !== 'RUNNING';
  } catch {
    return false;
  }
}

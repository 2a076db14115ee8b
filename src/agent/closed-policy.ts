import { errorCodes, isAppError, messageOf } from '../domain/errors.ts';
import type { AgentPolicy } from '../faults/fault.ts';
import type { Log } from '../ports/log.ts';

/** Under it nothing begins, so its figures bound nothing; a hook that is reverted keeps to its own time. */
const closed = {
  environment: '',
  allowFaults: [],
  allowServices: [],
  maxDurationSeconds: 1800,
  leaseSeconds: { min: 10, max: 60 },
  diskFill: { allowPaths: [], floorBytes: 0 },
  pool: { reserveConnections: 0 },
  hook: { allowCommands: [], allowUrls: [], timeoutSeconds: 3600 },
} satisfies AgentPolicy;

/**
 * The agent's policy, or one under which nothing begins: what earlier lives left in effect is reverted, whatever became of the
 * policy since. Errors: those that pass by themselves, such as `upstream/unreachable`: the next life asks again.
 */
export async function policyOrClosed(read: () => Promise<AgentPolicy>, log: Log): Promise<AgentPolicy> {
  try {
    return await read();
  } catch (error) {
    if (isAppError(error) && errorCodes[error.code].retry) throw error;
    const problem = messageOf(error);
    log.error({ problem }, 'has no policy: reverts what is held, and takes nothing new');
    return { ...closed, closedFor: problem };
  }
}

import { worstOf } from './hypotheses.ts';
import type { MeasurementInput } from './input.ts';
import type { InjectionStatus } from '../injection/records.ts';
import { isLeftInPlace } from '../injection/revert-evidence.ts';
import type { Cleanup, HypothesisOutcome, MitigatedBy, Outcome } from '../run-record.ts';

export function measureOutcome(
  input: MeasurementInput,
  hypotheses: readonly HypothesisOutcome[],
  mitigatedBy: MitigatedBy | null,
): Outcome {
  return {
    hypothesis: worstOf(hypotheses.map(({ result }) => result)),
    ending: input.ending.ending,
    cleanup: cleanupOf(input.injections.map(({ status }) => status)),
    reason: input.ending.reason,
    abortedBy: input.ending.abortedBy,
    mitigatedBy,
  };
}

/** Clean only when every record is terminal and verified, and nothing of ours is left to others. A record nobody answered for is dirty: nobody knows. */
export function cleanupOf(statuses: readonly (InjectionStatus | null)[]): Cleanup {
  return statuses.every((status) => status !== null && isVerifiedGone(status) && !isLeftInPlace(status)) ? 'clean' : 'dirty';
}

function isVerifiedGone(status: InjectionStatus): boolean {
  switch (status.phase) {
    case 'reverted':
      return status.revertVerifiedAt !== undefined;
    case 'spent':
    case 'lifted':
      return true;
    case 'refused':
      return status.activeAt === undefined || status.revertVerifiedAt !== undefined;
    default:
      return false;
  }
}

import { AppError, isAppError, messageOf } from '../domain/errors.ts';
import type { InjectionSpec } from '../domain/injection/records.ts';
import type { CallResult, Operation, RecordError } from '../domain/injection/state.ts';
import type { JsonObject } from '../domain/json.ts';
import type { AgentPolicy, Fault, FaultContext } from '../faults/fault.ts';

/** How long each operation of a fault may take before the agent goes on without it, ms. A fault may ask for more. */
const patience: Readonly<Record<Operation, number>> = {
  prepare: 5_000,
  arm: 10_000,
  verify: 5_000,
  inject: 5_000,
  hold: 5_000,
  adjust: 5_000,
  revert: 10_000,
  'verify-reverted': 10_000,
};

/** A fault's own time limit comes first, so that its message is the one that is kept. */
const afterItsOwnMs = 1_000;

/**
 * How long this call may take, ms. What a fault asks for is bounded by the policy's longest duration. What comes before the
 * revert ends at the deadline, `leftMs` from now; a revert takes what it needs.
 */
export function callTimeoutMs(
  operation: Operation,
  { fault, given, policy, leftMs }: { fault: Fault; given: JsonObject; policy: AgentPolicy; leftMs: number },
): number {
  const asked = fault.patienceMs === undefined ? 0 : fault.patienceMs(operation, given) + afterItsOwnMs;
  const bounded = Math.max(patience[operation], Math.min(asked, policy.maxDurationSeconds * 1000));
  return isRevert(operation) ? bounded : Math.min(bounded, leftMs);
}

export function isRevert(operation: Operation): boolean {
  return operation === 'revert' || operation === 'verify-reverted';
}

/** Runs one operation of a fault. `params` is null for an injection that is only reverted. */
export async function callFault(
  { fault, spec, params, undo }: { fault: Fault; spec: InjectionSpec; params: JsonObject | null; undo: JsonObject },
  operation: Operation,
  context: FaultContext,
  wallNow: () => number,
): Promise<CallResult> {
  const { target } = spec;
  const known = (): JsonObject => {
    if (params !== null) return params;
    throw new AppError('internal/bug', `${operation} of "${spec.id}" was called on an injection that may only be reverted`);
  };
  const askedAt = wallNow();
  switch (operation) {
    case 'prepare':
      return { operation, undo: await fault.prepare(context, target, known()) };
    case 'arm':
      await fault.arm?.(context, target, known(), undo);
      return { operation };
    case 'inject':
      await fault.inject(context, target, known(), undo);
      return { operation };
    case 'hold': {
      const gaveBack = await fault.hold?.(context, target, known(), undo);
      return gaveBack === undefined ? { operation } : { operation, gaveBack };
    }
    case 'adjust':
      await fault.adjust?.(context, target, known(), undo);
      return { operation };
    case 'verify':
      return { operation, askedAt, read: await fault.verify(context, target, known(), undo) };
    case 'revert':
      await fault.revert(context, target, undo);
      return { operation };
    case 'verify-reverted':
      return { operation, askedAt, read: await fault.verifyReverted(context, target, undo) };
  }
}

/** What a record says of an error that a fault threw. */
export function recordError(error: unknown, operation: Operation, spec: InjectionSpec): RecordError {
  if (isAppError(error)) return { code: error.code, message: error.message };
  const code = isRevert(operation) ? 'fault/revert-failed' : 'fault/inject-failed';
  return { code, message: `${operation} of ${spec.fault} on ${spec.target.name} failed: ${messageOf(error)}` };
}

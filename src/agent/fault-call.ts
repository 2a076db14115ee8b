import { AppError, isAppError, messageOf } from '../domain/errors.ts';
import type { InjectionSpec } from '../domain/injection/records.ts';
import type { CallResult, Operation, RecordError } from '../domain/injection/state.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Fault, FaultContext } from '../faults/fault.ts';

/** How long each operation of a fault may take before the agent goes on without it, ms. */
export const callTimeouts: Readonly<Record<Operation, number>> = {
  prepare: 5_000,
  arm: 10_000,
  verify: 5_000,
  inject: 5_000,
  hold: 5_000,
  revert: 10_000,
  'verify-reverted': 10_000,
};

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
    case 'hold':
      await fault.hold?.(context, target, known(), undo);
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
  const code = operation.includes('revert') ? 'fault/revert-failed' : 'fault/inject-failed';
  return { code, message: `${operation} of ${spec.fault} on ${spec.target.name} failed: ${messageOf(error)}` };
}

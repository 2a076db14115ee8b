/** Every failure a user can meet, by who must act. One table decides exit code and retry (architecture, section 7). */
export const errorCodes = {
  'spec/invalid': { exit: 2, retry: false },
  'spec/not-found': { exit: 2, retry: false },
  'target/none': { exit: 2, retry: false },
  'plan/blast-radius': { exit: 2, retry: false },
  'guard/blocked': { exit: 3, retry: false },
  'lock/held': { exit: 3, retry: false },
  'run/not-found': { exit: 2, retry: false },
  'run/terminated': { exit: 4, retry: false },
  'policy/denied': { exit: 3, retry: false },
  'agent/missing': { exit: 3, retry: false },
  'worker/missing': { exit: 3, retry: false },
  'claim/taken': { exit: 3, retry: false },
  'record/corrupt': { exit: 5, retry: false },
  'record/newer': { exit: 2, retry: false },
  'fault/inject-failed': { exit: 4, retry: false },
  'fault/not-verified': { exit: 4, retry: false },
  'fault/revert-failed': { exit: 5, retry: true },
  'probe/blind': { exit: 6, retry: false },
  'upstream/unreachable': { exit: 4, retry: true },
  'upstream/refused': { exit: 4, retry: false },
  'cluster/forbidden': { exit: 4, retry: false },
  'temporal/unreachable': { exit: 4, retry: true },
  'part/missing': { exit: 4, retry: false },
  'part/died': { exit: 4, retry: false },
  'archive/failed': { exit: 4, retry: true },
  'internal/bug': { exit: 70, retry: false },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The one error class. `message` says what, on which object, and what to do next. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { details?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** By shape, not by class: an error that crossed a realm or a process is still ours. */
export function isAppError(error: unknown): error is AppError {
  return (
    error instanceof Error && typeof (error as { code?: unknown }).code === 'string' && (error as AppError).code in errorCodes
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function assertNever(value: never): never {
  throw new AppError('internal/bug', `unexpected value ${JSON.stringify(value)}. This is a bug; please report it`);
}

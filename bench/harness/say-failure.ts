import { messageOf } from '../../src/domain/errors.ts';

/** What went wrong; when cleaning up went wrong too, which makes a `SuppressedError`, both, for neither is to be lost. */
export function sayFailure(error: unknown): string {
  if (!(error instanceof Error && 'suppressed' in error && 'error' in error)) return messageOf(error);
  return `${sayFailure(error.suppressed)}; and then, cleaning up: ${sayFailure(error.error)}`;
}

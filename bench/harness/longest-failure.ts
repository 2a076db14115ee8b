import { AppError } from '../../src/domain/errors.ts';

/**
 * The longest time, ms, without a call that was answered: from the end of the last that was, to the end of the next. 0 when all were.
 * Calls are in order. Errors: `upstream/unreachable` when the first or the last failed: then nobody knows how long it was.
 */
export function longestFailure(calls: readonly { readonly to: number; readonly ms: number | null }[]): number {
  if (calls.at(0)?.ms === null || calls.at(-1)?.ms === null || calls.length === 0) {
    throw new AppError('upstream/unreachable', 'the first or the last call was not answered: how long they failed is not known');
  }
  let longest = 0;
  let answered = calls[0]!.to;
  let failed = false;
  for (const { to, ms } of calls) {
    if (ms === null) {
      failed = true;
      continue;
    }
    if (failed) longest = Math.max(longest, to - answered);
    answered = to;
    failed = false;
  }
  return longest;
}

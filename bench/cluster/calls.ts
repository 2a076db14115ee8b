import { AppError } from '../../src/domain/errors.ts';

const patienceMs = 30_000;

/** One call of a pod to the other service. */
export interface Call {
  /** Monotonic, when we asked for it and when we had the answer. */
  readonly from: number;
  readonly to: number;
  /** As the pod counts it; null: it failed. */
  readonly ms: number | null;
}

/** Has the pod at the URL call on a new connection; it gives up after `timeoutMs`. */
export async function callFrom(url: string, timeoutMs: number): Promise<Call> {
  const from = performance.now();
  const answer = await fetch(`${url}/call?timeout=${timeoutMs}`, { signal: AbortSignal.timeout(timeoutMs + 10_000) });
  const { ms } = (await answer.json()) as { readonly ms: number | null };
  return { from, to: performance.now(), ms };
}

/**
 * Calls again and again, and resolves when the first answer fits that was asked for after now. Monotonic: when that answer was here,
 * so a change is never told earlier than it was felt.
 */
export async function untilCall(url: string, what: string, fits: (call: Call) => boolean): Promise<number> {
  for (const until = performance.now() + patienceMs; performance.now() < until;) {
    const call = await callFrom(url, 5_000);
    if (fits(call)) return call.to;
  }
  throw new AppError('upstream/unreachable', `calls from ${url} were not ${what} within ${patienceMs / 1000} s`);
}

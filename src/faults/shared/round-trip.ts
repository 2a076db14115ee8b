import { isAppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import type { LinkRelay } from './link.ts';

export type Via = 'http' | 'echo';

/** One measured time over a link; `elapsedMs` is null when nothing came back in time. */
export interface RoundTrip {
  readonly via: Via;
  readonly elapsedMs: number | null;
}

/** Over the link to its far end and back when a path to GET is known, else through the relay to its own echo. */
export async function measureRoundTrip(
  context: FaultContext,
  link: LinkRelay,
  probePath: string | null,
  timeoutMs: number,
): Promise<RoundTrip> {
  if (probePath === null) return measureEcho(link, timeoutMs);
  try {
    const { elapsedMs } = await context.host.http({ method: 'GET', url: `http://${link.listen}${probePath}` }, { timeoutMs });
    return { via: 'http', elapsedMs };
  } catch (error) {
    if (isAppError(error) && error.code === 'upstream/unreachable') return { via: 'http', elapsedMs: null };
    throw error;
  }
}

export async function measureEcho(link: LinkRelay, timeoutMs: number): Promise<RoundTrip> {
  return { via: 'echo', elapsedMs: await link.echoMs(timeoutMs) };
}

/** The quickest of `count`: noise only ever adds. null when none came back. */
export async function quickest(count: number, measure: () => Promise<RoundTrip>): Promise<number | null> {
  let best: number | null = null;
  for (let i = 0; i < count; i += 1) {
    const { elapsedMs } = await measure();
    if (elapsedMs !== null) best = best === null ? elapsedMs : Math.min(best, elapsedMs);
  }
  return best;
}

/** The first of up to `count` that is slow enough, or the last: a delay with jitter may now and then add little. */
export async function firstSlow(
  count: number,
  isSlow: (elapsedMs: number) => boolean,
  measure: () => Promise<RoundTrip>,
): Promise<RoundTrip> {
  const found = await measure();
  if (count <= 1 || (found.elapsedMs !== null && isSlow(found.elapsedMs))) return found;
  return firstSlow(count - 1, isSlow, measure);
}

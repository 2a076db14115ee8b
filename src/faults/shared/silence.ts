import type { FaultContext } from '../fault.ts';
import { firstEnd } from './destinations.ts';
import type { Look } from './link.ts';
import type { PodPackets } from './pod-state.ts';
import { measureFrom } from './prober.ts';

/** Long enough to be seen beside a loaded machine's own slowness, short enough for one look. */
const silenceMs = 700;

/** Milliseconds until a connection is open; null when none opened in time, or where there is nothing to open. */
export function connectMs(
  context: FaultContext,
  { place, destinations }: PodPackets,
  timeoutMs: number,
  count = 1,
): Promise<number | null> {
  const end = firstEnd(destinations);
  return end === null ? Promise.resolve(null) : measureFrom(context, place, { ...end, path: null, timeoutMs, count });
}

/** Nothing comes back: neither an answer nor a refusal. */
export async function lookForSilence(context: FaultContext, packets: PodPackets): Promise<Look> {
  const askedAt = performance.now();
  const elapsedMs = await connectMs(context, packets, silenceMs);
  const silent = elapsedMs === null && performance.now() - askedAt >= 0.9 * silenceMs;
  return { seen: silent, summary: `${silent ? 'nothing' : 'an answer'} came back within ${silenceMs} ms`, data: { silent } };
}

import { z } from 'zod';
import type { FaultContext, HelperProcess } from '../fault.ts';
import type { Measurement, NetworkPlace } from './network-place.ts';
import { proberGroup } from './redirect-rules.ts';

const answer = z.object({ elapsedMs: z.number().nullable() });
const opened = z.object({ opened: z.number() });
const kept = new Map<string, HelperProcess>();

/** A process that measures from inside a network; the rules of a redirect treat it as the caller. */
export function startProber(place: NetworkPlace): Promise<HelperProcess> {
  return place.startHelper('link-prober', { group: proberGroup });
}

export async function measureWith(prober: HelperProcess, question: Measurement): Promise<number | null> {
  const { count, timeoutMs } = question;
  return answer.parse(await prober.ask({ ...question }, count * timeoutMs + 1000)).elapsedMs;
}

/** One that stays until `endProber`, so that a look costs no start. */
export async function keepProber({ injectionId }: FaultContext, place: NetworkPlace): Promise<void> {
  if (!kept.has(injectionId)) kept.set(injectionId, await startProber(place));
}

export async function endProber({ injectionId }: FaultContext): Promise<void> {
  const prober = kept.get(injectionId);
  kept.delete(injectionId);
  await prober?.stop();
}

/** By the one that is kept; else by one that lives as long as the measurement. */
export function measureFrom({ injectionId }: FaultContext, place: NetworkPlace, question: Measurement): Promise<number | null> {
  const prober = kept.get(injectionId);
  return prober === undefined ? place.measure(question) : measureWith(prober, question);
}

/** How many of `count` connections, opened side by side, were open in time. */
export async function openMany(
  { injectionId }: FaultContext,
  place: NetworkPlace,
  question: Omit<Measurement, 'path'>,
): Promise<number> {
  const prober = kept.get(injectionId) ?? (await startProber(place));
  try {
    const asked = { ...question, path: null, sideBySide: true };
    return opened.parse(await prober.ask(asked, question.timeoutMs + 2000)).opened;
  } finally {
    if (!kept.has(injectionId)) await prober.stop();
  }
}

import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { answerOf } from './helper-answer.ts';
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

/** A helper, and beside it one that stays: starting is the longest part of arming. Both, or neither. */
export async function startBesideProber(
  context: FaultContext,
  place: NetworkPlace,
  name: string,
  config: JsonObject,
): Promise<HelperProcess> {
  const [helper, prober] = await Promise.allSettled([place.startHelper(name, config), keepProber(context, place)]);
  if (helper.status === 'fulfilled' && prober.status === 'fulfilled') return helper.value;
  await Promise.all([helper.status === 'fulfilled' && helper.value.stop(), endProber(context)]);
  throw helper.status === 'rejected' ? helper.reason : (prober as PromiseRejectedResult).reason;
}

/** Uses the one that is kept; else, and when that has died, one that lives as long as its use. */
export async function withProber<T>(
  { injectionId }: FaultContext,
  place: NetworkPlace,
  use: (prober: HelperProcess) => Promise<T>,
): Promise<T> {
  const answer = await answerOf(kept.get(injectionId), use);
  if ('said' in answer) return answer.said;
  kept.delete(injectionId);
  const prober = await startProber(place);
  try {
    return await use(prober);
  } finally {
    await prober.stop();
  }
}

/** By the one that is kept; else, and when that has died, as the place measures. */
export async function measureFrom(
  { injectionId }: FaultContext,
  place: NetworkPlace,
  question: Measurement,
): Promise<number | null> {
  const answer = await answerOf(kept.get(injectionId), (prober) => measureWith(prober, question));
  if ('said' in answer) return answer.said;
  kept.delete(injectionId);
  return place.measure(question);
}

/** How many of `count` connections, opened side by side, were open in time. */
export function openMany(context: FaultContext, place: NetworkPlace, question: Omit<Measurement, 'path'>): Promise<number> {
  const asked = { ...question, path: null, sideBySide: true };
  return withProber(context, place, async (prober) => opened.parse(await prober.ask(asked, question.timeoutMs + 2000)).opened);
}

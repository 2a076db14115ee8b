import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { answerOf } from './helper-answer.ts';
import type { Measurement, NetworkPlace } from './network-place.ts';
import { proberGroup } from './redirect-rules.ts';

const answer = z.object({ elapsedMs: z.number().nullable() });
const opened = z.object({ opened: z.number() });
const kept = new Map<string, Promise<HelperProcess>>();

/** A process that measures from inside a network; the rules of a redirect treat it as the caller. */
export function startProber(place: NetworkPlace): Promise<HelperProcess> {
  return place.startHelper('link-prober', { group: proberGroup });
}

export async function measureWith(prober: HelperProcess, question: Measurement): Promise<number | null> {
  const { count, timeoutMs } = question;
  return answer.parse(await prober.ask({ ...question }, count * timeoutMs + 1000)).elapsedMs;
}

/** One that stays until `endProber`, so that a look costs no start. */
export async function keepProber({ injectionId }: FaultContext, place: NetworkPlace): Promise<HelperProcess> {
  const started = kept.get(injectionId) ?? startProber(place);
  kept.set(injectionId, started);
  try {
    return await started;
  } catch (error) {
    forget(injectionId, started);
    throw error;
  }
}

function forget(injectionId: string, one: Promise<HelperProcess>): void {
  if (kept.get(injectionId) === one) kept.delete(injectionId);
}

/** What `prepare` has started ends with it, when it fails or nothing comes of it: no revert follows then. */
export async function endedWithPrepare<T>(
  context: FaultContext,
  end: () => Promise<void>,
  prepare: () => Promise<T>,
): Promise<T> {
  const ending = (): void =>
    void end().catch((error: unknown) => context.log('a helper did not end', { problem: messageOf(error) }));
  context.signal.throwIfAborted();
  context.signal.addEventListener('abort', ending, { once: true });
  try {
    return await prepare();
  } catch (error) {
    ending();
    throw error;
  }
}

export async function endProber({ injectionId }: FaultContext): Promise<void> {
  const started = kept.get(injectionId);
  kept.delete(injectionId);
  // One that did not start needs no end: who asked for it has heard why.
  const prober = await started?.catch(() => undefined);
  await prober?.stop();
}

/** A helper, and beside it one that stays: starting is the longest part of arming. Both, or neither. */
export async function startBesideProber(
  context: FaultContext,
  place: NetworkPlace,
  name: string,
  config: JsonObject,
): Promise<HelperProcess> {
  // The one that measures first: its answers are waited for.
  const [prober, helper] = await Promise.allSettled([keepProber(context, place), place.startHelper(name, config)]);
  if (helper.status === 'fulfilled' && prober.status === 'fulfilled') return helper.value;
  await Promise.all([helper.status === 'fulfilled' && helper.value.stop(), endProber(context)]);
  throw helper.status === 'rejected' ? helper.reason : (prober as PromiseRejectedResult).reason;
}

/**
 * Of the one that is kept; in place of one that died another is kept. null where none is. Errors: `part/died` when it was ended
 * meanwhile, by a revert: whoever ended it ends no second one.
 */
async function askKept<T>(
  context: FaultContext,
  place: NetworkPlace,
  use: (prober: HelperProcess) => Promise<T>,
): Promise<{ readonly said: T } | null> {
  const stays = kept.get(context.injectionId);
  if (stays === undefined) return null;
  const answer = await answerOf(await stays, use);
  if ('said' in answer) return answer;
  if (!kept.has(context.injectionId)) throw new AppError('part/died', answer.died);
  context.log('who measures has died, and another takes its place', { problem: answer.died });
  forget(context.injectionId, stays);
  return { said: await use(await keepProber(context, place)) };
}

/** Uses the one that is kept; else one that lives as long as its use. */
export async function withProber<T>(
  context: FaultContext,
  place: NetworkPlace,
  use: (prober: HelperProcess) => Promise<T>,
): Promise<T> {
  const answer = await askKept(context, place, use);
  if (answer !== null) return answer.said;
  const prober = await startProber(place);
  try {
    return await use(prober);
  } finally {
    await prober.stop();
  }
}

/** By the one that is kept; else as the place measures. */
export async function measureFrom(context: FaultContext, place: NetworkPlace, question: Measurement): Promise<number | null> {
  const answer = await askKept(context, place, (prober) => measureWith(prober, question));
  return answer === null ? place.measure(question) : answer.said;
}

/** How many of `count` connections, opened side by side, were open in time. */
export function openMany(context: FaultContext, place: NetworkPlace, question: Omit<Measurement, 'path'>): Promise<number> {
  const asked = { ...question, path: null, sideBySide: true };
  return withProber(context, place, async (prober) => opened.parse(await prober.ask(asked, question.timeoutMs + 2000)).opened);
}

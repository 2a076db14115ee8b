import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Evidence, Fault, FaultContext } from './fault.ts';
import { LinkRelay } from './shared/link.ts';
import { milliseconds } from './shared/quantities.ts';
import { startRefreshing, stopRefreshing } from './shared/refresher.ts';
import { firstSlow, measureEcho, measureRoundTrip, quickest } from './shared/round-trip.ts';

/** The relay drops a delay that was not refreshed for this long: a dead or frozen agent leaves nothing behind. */
const ttlMs = 2000;
/** Three of these, or one that is delayed, end well within what an agent gives one operation. */
const patienceMs = 1500;
/** One measurement of a delayed answer takes no longer; a longer delay is seen as no answer within it. */
const longestLookMs = 4000;
const maxDelayMs = 60_000;

const params = z
  .strictObject({
    delay: milliseconds(1, maxDelayMs).describe('added to each answer, such as 500ms'),
    jitter: milliseconds(0, maxDelayMs).default(0).describe('each delay is drawn evenly from delay ± jitter'),
    connections: z
      .enum(['slow', 'keep', 'reset'])
      .default('slow')
      .describe('connections that are already open: slow them too, keep them fast, or reset them'),
    probePath: z
      .string()
      .startsWith('/')
      .nullable()
      .default(null)
      .describe('path to GET over the link to measure its round trip'),
  })
  .transform(({ delay, jitter, connections, probePath }) => ({ delayMs: delay, jitterMs: jitter, connections, probePath }))
  .refine(({ delayMs, jitterMs }) => jitterMs <= delayMs, { message: 'jitter must not be more than delay', path: ['jitter'] });
type Params = z.infer<typeof params>;

type Undo = {
  /** Quickest round trip before anything was changed. */
  readonly baselineMs: number;
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly probePath: string | null;
};

/** What one answer must be slower than the baseline by, to be counted as delayed. */
const effectOf = ({ delayMs, jitterMs }: { delayMs: number; jitterMs: number }): number =>
  Math.min(Math.max(0.8 * (delayMs - jitterMs), 0.2 * delayMs), 0.8 * longestLookMs);

export const networkLatency: Fault<Params, Undo> = {
  name: 'network-latency',
  summary: 'Adds a delay to every answer over one link between two services',
  effect: 'held',
  lifetime: 'process',
  targets: ['link'],
  platforms: ['host'],
  params,

  claims: (target) => [`link:${target.uid}`],

  async prepare(context, target, { delayMs, jitterMs, probePath }) {
    const link = new LinkRelay(context, target);
    const state = await link.state();
    if (state === null) {
      throw new AppError('part/missing', `no relay runs for link ${target.service}/${target.name}. Start it, then run again`);
    }
    if (state.id !== null && state.id !== context.injectionId) {
      throw new AppError('claim/taken', `link ${link.listen} is held by ${state.id}. Wait for it, or revert that injection`);
    }
    const baselineMs = await quickest(3, () => measureRoundTrip(context, link, probePath, patienceMs));
    if (baselineMs === null) {
      throw new AppError(
        'upstream/unreachable',
        `nothing answers over link ${link.listen}${probePath ?? ''}, so a delay could not be measured. Check the far end`,
      );
    }
    return { baselineMs, delayMs, jitterMs, probePath };
  },

  async inject(context, target, { delayMs, jitterMs, connections }) {
    const link = new LinkRelay(context, target);
    context.signal.throwIfAborted();
    await link.set({ delayMs, jitterMs }, ttlMs, connections);
    startRefreshing(context, () => link.refresh(ttlMs));
  },

  async verify(context, target, { delayMs, jitterMs, probePath }, { baselineMs }) {
    const link = new LinkRelay(context, target);
    const state = await link.state();
    if (state?.id !== context.injectionId) {
      return evidence(false, `link ${link.listen} holds no delay of ours`, { heldBy: state?.id ?? null });
    }
    const isSlow = (elapsedMs: number): boolean => elapsedMs - baselineMs >= effectOf({ delayMs, jitterMs });
    const answers = delayMs + jitterMs + patienceMs <= longestLookMs;
    const overLink = answers
      ? await firstSlow(3, isSlow, () => measureRoundTrip(context, link, probePath, longestLookMs))
      : { via: 'echo' as const, elapsedMs: null };
    // The far end may be down for reasons of its own: whether our delay is there, the relay's echo still tells.
    const { via, elapsedMs } = overLink.elapsedMs === null ? await measureEcho(link, longestLookMs) : overLink;
    const seenMs = elapsedMs ?? longestLookMs;
    return evidence(isSlow(seenMs), `round trip ${say(elapsedMs)}, was ${say(baselineMs)} before`, {
      via,
      elapsedMs: round(elapsedMs),
      baselineMs: round(baselineMs),
      addedMs: elapsedMs === null ? null : round(elapsedMs - baselineMs),
      connections: state.connections,
    });
  },

  async revert(context, target) {
    stopRefreshing(context.injectionId);
    await new LinkRelay(context, target).clear();
  },

  async verifyReverted(context, target, undo) {
    const link = new LinkRelay(context, target);
    const state = await link.state();
    if (state === null) return evidence(false, `the relay of link ${link.listen} is gone, and its delay with it`, {});
    if (state.id === context.injectionId) return evidence(true, `link ${link.listen} still holds our delay`, {});
    return await readBack(context, link, undo, state.id);
  },
};

/**
 * The relay's echo decides: it is slow only while the relay delays. The far end may by now be slow or down for reasons of its
 * own, so its round trip is told and not judged.
 */
async function readBack(context: FaultContext, link: LinkRelay, undo: Undo, heldBy: string | null): Promise<Evidence> {
  const echo = await quickest(2, () => measureEcho(link, patienceMs));
  const { via, elapsedMs } = await measureRoundTrip(context, link, undo.probePath, patienceMs);
  // Held by another now: what is measured is theirs, and the relay says that ours is gone.
  const present = heldBy === null && (echo === null || echo >= effectOf(undo));
  return evidence(present, `round trip ${say(elapsedMs)}, was ${say(undo.baselineMs)} before; relay alone ${say(echo)}`, {
    via,
    elapsedMs: round(elapsedMs),
    baselineMs: round(undo.baselineMs),
    echoMs: round(echo),
    heldBy,
  });
}

const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });
const say = (ms: number | null): string => (ms === null ? 'without an answer in time' : `${round(ms)} ms`);

function round(ms: number): number;
function round(ms: number | null): number | null;
function round(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}

import type { Look, RelayedLink } from './link.ts';
import { firstSlow, quickest, type RoundTrip } from './round-trip.ts';
import type { Toxic } from './toxic-params.ts';

/** One measurement of a delayed answer takes no longer; a longer delay is seen as no answer within it. */
export const longestLookMs = 4000;
/** Three of these end well within what an agent gives one operation. */
export const patienceMs = 1500;
/** Long enough to be seen beside a loaded machine's own slowness, short enough for one look. */
const silenceMs = 700;
const narrowLookMs = 300;
const narrowLookMostBytes = 4 * 2 ** 20;

/** What one answer must be slower than the baseline by, to be counted as delayed. */
export const leastEffectOf = ({ delayMs, jitterMs }: Pick<Toxic, 'delayMs' | 'jitterMs'>): number =>
  Math.min(Math.max(0.8 * (delayMs - jitterMs), 0.2 * delayMs), 0.8 * longestLookMs);

/** Looks for each part of a toxic, from outside and side by side. */
export async function lookFor(
  link: RelayedLink,
  toxic: Toxic,
  baselineMs: number | null,
  probePath: string | null,
): Promise<Look[]> {
  const looks: Promise<Look>[] = [];
  if (toxic.blackhole === true) looks.push(lookForSilence(link));
  if (toxic.delayMs > 0) looks.push(lookForDelay(link, toxic, baselineMs, probePath));
  if (toxic.bytesPerSecond !== undefined) looks.push(lookForNarrowness(link, toxic.bytesPerSecond));
  if (toxic.reset !== undefined) looks.push(lookForResets(link, toxic.reset));
  return Promise.all(looks);
}

async function lookForSilence(link: RelayedLink): Promise<Look> {
  const answer = await link.echo({ timeoutMs: silenceMs });
  const silent = answer !== null && answer.elapsedMs === null;
  return { seen: silent, summary: `${silent ? 'nothing' : 'an answer'} came back within ${silenceMs} ms`, data: { silent } };
}

async function lookForDelay(link: RelayedLink, toxic: Toxic, baselineMs: number | null, probePath: string | null): Promise<Look> {
  // Without a baseline the whole round trip counts: that is our relay's own echo, on this machine.
  const added = (elapsedMs: number): number => elapsedMs - (baselineMs ?? 0);
  const isSlow = (elapsedMs: number): boolean => added(elapsedMs) >= leastEffectOf(toxic);
  // The far end's answer may be late, lost or reset for reasons of its own: then the relay's echo tells whether our delay is there.
  const overLink = toxic.reset === undefined && toxic.delayMs + toxic.jitterMs + patienceMs <= longestLookMs;
  const found: RoundTrip = overLink
    ? await firstSlow(3, isSlow, () => measureRoundTrip(link, probePath, longestLookMs))
    : { via: 'echo', elapsedMs: null };
  if (found.via === 'http' && found.elapsedMs !== null && found.elapsedMs >= leastEffectOf(toxic) && !isSlow(found.elapsedMs)) {
    return lookPastBaseline(link, toxic, found.elapsedMs, baselineMs);
  }
  const { via, elapsedMs } = found.elapsedMs === null ? await measureRoundTrip(link, null, longestLookMs) : found;
  return {
    seen: isSlow(elapsedMs ?? longestLookMs),
    summary: `round trip ${sayMs(elapsedMs)}, ${sayBefore(baselineMs)}`,
    data: {
      via,
      elapsedMs: roundMs(elapsedMs),
      baselineMs: roundMs(baselineMs),
      addedMs: elapsedMs === null ? null : roundMs(added(elapsedMs)),
    },
  };
}

/**
 * As slow as was asked, and hardly slower than before: a baseline of a busy moment is too long. What the relay alone adds to its own
 * echo, which nothing else delays, tells then; that the link's packets come to it is looked at beside this.
 */
async function lookPastBaseline(link: RelayedLink, toxic: Toxic, elapsedMs: number, baselineMs: number | null): Promise<Look> {
  const { elapsedMs: echoMs } = await measureRoundTrip(link, null, longestLookMs);
  return {
    seen: echoMs !== null && echoMs >= leastEffectOf(toxic),
    summary: `round trip ${sayMs(elapsedMs)}, ${sayBefore(baselineMs)}; the relay alone ${sayMs(echoMs)}`,
    data: { via: 'echo', elapsedMs: roundMs(elapsedMs), baselineMs: roundMs(baselineMs), addedMs: roundMs(echoMs) },
  };
}

/** Over the link to its far end and back when a path to GET is known, else through the relay to its own echo. */
export async function measureRoundTrip(link: RelayedLink, probePath: string | null, timeoutMs: number): Promise<RoundTrip> {
  if (probePath !== null) return { via: 'http', elapsedMs: await link.get(probePath, timeoutMs) };
  return { via: 'echo', elapsedMs: (await link.echo({ timeoutMs }))?.elapsedMs ?? null };
}

async function lookForNarrowness(link: RelayedLink, bytesPerSecond: number): Promise<Look> {
  const bytes = Math.min(narrowLookMostBytes, Math.ceil((bytesPerSecond * narrowLookMs) / 1000));
  const shouldTakeMs = (bytes / bytesPerSecond) * 1000;
  const answer = await link.echo({ timeoutMs: longestLookMs, bytes });
  const elapsedMs = answer?.elapsedMs ?? null;
  return {
    seen: answer !== null && (elapsedMs ?? longestLookMs) >= 0.8 * shouldTakeMs,
    summary: `${bytes} bytes took ${sayMs(elapsedMs)}, asked for ${sayMs(shouldTakeMs)}`,
    data: { bytes, transferMs: roundMs(elapsedMs), bytesPerSecond },
  };
}

async function lookForResets(link: RelayedLink, { ratio, afterMs }: NonNullable<Toxic['reset']>): Promise<Look> {
  const connections = Math.ceil(1 / ratio);
  const stayMs = afterMs + 200;
  const answer = await link.echo({ timeoutMs: stayMs + 400, connections, stayMs });
  const resets = answer?.resets ?? 0;
  return {
    seen: resets > 0,
    summary: `${resets} of ${connections} connections were reset within ${stayMs} ms`,
    data: { resets, connections },
  };
}

/**
 * Where a relay still runs its echo decides: it is slow only while the relay makes it slow. The far end may by now be slow or
 * down for reasons of its own, so its round trip is told and not judged.
 */
export async function lookAfterRelay(
  link: RelayedLink,
  toxic: Toxic,
  baselineMs: number | null,
  probePath: string | null,
): Promise<Look> {
  const state = await link.state();
  const heldBy = state?.id ?? null;
  const echo = state === null ? null : await quickest(2, async () => (await measureRoundTrip(link, null, patienceMs)).elapsedMs);
  const elapsedMs = probePath === null ? echo : await link.get(probePath, patienceMs);
  const effect = toxic.delayMs > 0 ? leastEffectOf(toxic) : patienceMs;
  // Held by another now: what is measured is theirs, and the relay says that ours is gone.
  const seen = state !== null && heldBy === null && (echo === null || echo >= effect);
  const relay = state === null ? 'no relay of ours runs' : `relay alone ${sayMs(echo)}`;
  const trip = state !== null || probePath !== null ? `round trip ${sayMs(elapsedMs)}, ${sayBefore(baselineMs)}; ` : '';
  return {
    seen,
    summary: `${trip}${link.engine === 'redirect' ? 'nothing is redirected; ' : ''}${relay}`,
    data: { elapsedMs: roundMs(elapsedMs), baselineMs: roundMs(baselineMs), echoMs: roundMs(echo), heldBy },
  };
}

export const sayMs = (ms: number | null): string => (ms === null ? 'without an answer' : `${ms.toFixed(1)} ms`);
export const sayBefore = (baselineMs: number | null): string =>
  baselineMs === null ? 'not measured before, for there was no relay yet' : `was ${sayMs(baselineMs)} before`;
export const roundMs = (ms: number | null): number | null => (ms === null ? null : Math.round(ms * 10) / 10);

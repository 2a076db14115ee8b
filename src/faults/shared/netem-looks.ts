import { AppError } from '../../domain/errors.ts';
import type { Look } from './link.ts';
import { roundMs, sayBefore, sayMs } from './link-looks.ts';
import { givenEachBetween, toldOtherwise } from './netem-account.ts';
import type { NetemAccount } from './netem-account.ts';
import type { RoundTrip } from './round-trip.ts';
import type { Toxic } from './toxic-params.ts';

/** A longer round trip is seen as no answer within it: what is looked for is an answer that comes too early. */
const longestLookMs = 3000;
/** Of the least delay: clocks and timers are finer than the rest, and nothing but packets that go another way is that early. */
const tooEarly = 0.8;
/** A drawn delay is that many times its jitter away from the middle, at most: evenly once, by the kernel's tables four times. */
const widest = { even: 1, drawn: 4 };

/** What one look asks, in this order. */
export interface DelayQuestions {
  /** For people. */
  readonly name: string;
  readonly via: RoundTrip['via'];
  /** One for each way that packets are delayed on; null where it is not on. */
  readonly before: readonly NetemAccount[] | null;
  /** null: nothing came back in time, or there is nothing to measure over. */
  readonly measure: (timeoutMs: number) => Promise<number | null>;
  readonly after: () => Promise<readonly NetemAccount[] | null>;
}

/** The least that a packet waits. */
function leastDelayMs({ delayMs, jitterMs, distribution }: Toxic): number {
  return Math.max(0, delayMs - jitterMs * (distribution === undefined ? widest.even : widest.drawn));
}

/**
 * The kernel's own account says that packets to the destinations wait, and how long it is told to let them wait; an answer that is
 * back before its packets have waited says that they do not. How long it took before, which may have been a busy moment, is told
 * and decides nothing. Errors: `upstream/unreachable` where neither an answer nor a packet was seen: that is not known, and not gone.
 */
export async function lookForDelay(toxic: Toxic, baselineMs: number | null, questions: DelayQuestions): Promise<Look> {
  const { name, via, before, measure, after } = questions;
  const { delayMs, jitterMs } = toxic;
  if (before === null) return { seen: false, summary: 'the kernel delays nothing for us', data: {} };
  const otherwise = toldOtherwise(before, { delayMs, jitterMs });
  if (otherwise !== null) return { seen: false, summary: otherwise, data: {} };
  // Where nothing can be measured, what the kernel is told is all there is.
  if (baselineMs === null) return { seen: true, summary: `the kernel delays by ${delayMs} ms`, data: {} };
  const elapsedMs = await measure(longestLookMs);
  const trip = `round trip ${sayMs(elapsedMs)}, ${sayBefore(baselineMs)}`;
  const addedMs = elapsedMs === null ? null : roundMs(elapsedMs - baselineMs);
  const data = { via, elapsedMs: roundMs(elapsedMs), baselineMs: roundMs(baselineMs), addedMs };
  // A packet there and one back: each waits where its way is delayed.
  if (elapsedMs !== null && elapsedMs < tooEarly * leastDelayMs(toxic) * before.length)
    return { seen: false, summary: trip, data };
  const now = await after();
  const each = now === null ? [] : givenEachBetween(before, now);
  const waited = each.reduce((total, one) => total + one, 0);
  if (elapsedMs === null && now !== null && waited === 0) {
    throw new AppError(
      'upstream/unreachable',
      `${name}: whether it is delayed could not be measured: no answer came within ${longestLookMs} ms, and no packet to our queue. Look at the far end and the node's load`,
    );
  }
  // An answer has come on every way; without one, a packet that waits is why.
  const seen = waited > 0 && (elapsedMs === null || each.every((one) => one > 0));
  return { seen, summary: `${trip}; ${waited} packets waited`, data: { ...data, waited } };
}

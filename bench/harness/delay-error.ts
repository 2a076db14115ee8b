/** What a delay really was, from round trips without it, with the same delay always, and with one that is drawn. */
export interface DelayError {
  readonly meanMs: number;
  /** Half the width of an even distribution which, with what is late at an even delay added, has as wide a middle half as was seen. */
  readonly jitterMs: number;
  /** The same with that lateness in it: half the width of an even distribution that has as wide a middle half. */
  readonly jitterSeenMs: number;
  readonly meanErrorPercent: number;
  readonly jitterErrorPercent: number;
}

export interface RoundTrips {
  readonly without: readonly number[];
  /** Under the same delay without jitter: how late the machine is, and the engine with it. A few pauses are much of it. */
  readonly always: readonly number[];
  readonly drawn: readonly number[];
}

const steps = 40;

/** Off the mean the machine's own round trips are taken; off the jitter, what is late where nothing is drawn. */
export function compareDelay(
  asked: { readonly delayMs: number; readonly jitterMs: number },
  { without, always, drawn }: RoundTrips,
): DelayError {
  const meanMs = meanOf(drawn) - meanOf(without);
  const jitterSeenMs = middleHalfOf(drawn);
  const jitterMs = jitterBehind(jitterSeenMs, always);
  return {
    meanMs,
    jitterMs,
    jitterSeenMs,
    meanErrorPercent: errorPercent(meanMs, asked.delayMs),
    jitterErrorPercent: errorPercent(jitterMs, asked.jitterMs),
  };
}

/**
 * What is drawn and what is late are independent: their sum is as wide as was seen for one width of what is drawn. Where more than a
 * quarter is late there may be no such width, and the error that is told is a great one.
 */
function jitterBehind(seenMs: number, always: readonly number[]): number {
  const widthWith = (jitterMs: number): number => {
    const shareUntil = (ms: number): number => meanOf(always.map((own) => clamp((ms - own + jitterMs) / (2 * jitterMs))));
    const [low, high] = [Math.min(...always) - jitterMs, Math.max(...always) + jitterMs];
    const quantile = (share: number): number => solve((ms) => shareUntil(ms) >= share, low, high);
    return quantile(0.75) - quantile(0.25);
  };
  return solve((jitterMs) => widthWith(jitterMs) >= seenMs, 0, 2 * seenMs);
}

/** The least from which on `holds`. */
function solve(holds: (value: number) => boolean, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let step = 0; step < steps; step += 1) {
    const middle = (from + to) / 2;
    if (holds(middle)) to = middle;
    else from = middle;
  }
  return to;
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const errorPercent = (is: number, asked: number): number => (Math.abs(is - asked) / asked) * 100;

/** From the first quartile to the third: half the whole width of an even distribution. */
function middleHalfOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return at(0.75) - at(0.25);
}

/** What a delay really was, from round trips without and with it. */
export interface DelayError {
  readonly meanMs: number;
  /** Half the width of an even distribution whose middle half is as wide: what a machine's pauses add at its ends is not the delay's. */
  readonly jitterMs: number;
  readonly meanErrorPercent: number;
  readonly jitterErrorPercent: number;
}

/** The machine's own round trips, and their own spread, are taken off. */
export function compareDelay(
  asked: { readonly delayMs: number; readonly jitterMs: number },
  before: readonly number[],
  during: readonly number[],
): DelayError {
  const meanMs = meanOf(during) - meanOf(before);
  const jitterMs = Math.sqrt(Math.max(0, middleHalfOf(during) ** 2 - middleHalfOf(before) ** 2));
  return {
    meanMs,
    jitterMs,
    meanErrorPercent: errorPercent(meanMs, asked.delayMs),
    jitterErrorPercent: errorPercent(jitterMs, asked.jitterMs),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const errorPercent = (is: number, asked: number): number => (Math.abs(is - asked) / asked) * 100;

/** From the first quartile to the third: half the whole width of an even distribution. */
function middleHalfOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return at(0.75) - at(0.25);
}

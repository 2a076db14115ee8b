/** What a delay really was, from round trips without and with it. */
export interface DelayError {
  readonly meanMs: number;
  /** Half the width of an even distribution that has the standard deviation which the delay added. */
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
  const jitterMs = Math.sqrt(3 * Math.max(0, varianceOf(during) - varianceOf(before)));
  return {
    meanMs,
    jitterMs,
    meanErrorPercent: errorPercent(meanMs, asked.delayMs),
    jitterErrorPercent: errorPercent(jitterMs, asked.jitterMs),
  };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const errorPercent = (is: number, asked: number): number => (Math.abs(is - asked) / asked) * 100;

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2));
}

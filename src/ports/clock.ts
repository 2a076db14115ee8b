/** Time as an argument, so that rules can be tested without waiting. */
export interface Clock {
  /** Unix milliseconds, wall clock. */
  now(): number;
  /** Milliseconds that never step back. */
  monotonic(): number;
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

export function isoOf(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

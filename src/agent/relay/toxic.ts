/** What a relay does to the bytes that pass. Absent fields do nothing. */
export interface Toxic {
  /** Added once to each chunk of the answer's direction. */
  readonly delayMs: number;
  /** Each delay is drawn evenly from delayMs ± jitterMs, never below zero. */
  readonly jitterMs: number;
  readonly bytesPerSecond?: number;
  /** New connections are reset at once. */
  readonly reset?: boolean;
  /** Nothing passes, in either direction, until the toxic ends. */
  readonly blackhole?: boolean;
}

export interface HeldToxic {
  readonly id: string;
  readonly toxic: Toxic;
  /** On the monotonic clock: a toxic that nobody refreshes ends by itself. */
  readonly expiresAt: number;
}

/** When a chunk that arrives now may pass, in ms on the monotonic clock. Never before the chunk before it. `random` is 0..1. */
export function passAt(toxic: Toxic | null, now: number, previous: number, bytes: number, random: number): number {
  if (toxic === null) return Math.max(now, previous);
  if (toxic.blackhole === true) return Number.POSITIVE_INFINITY;
  const delay = Math.max(0, toxic.delayMs + (random * 2 - 1) * toxic.jitterMs);
  const transfer = toxic.bytesPerSecond === undefined ? 0 : (bytes / toxic.bytesPerSecond) * 1000;
  return Math.max(now + delay, previous) + transfer;
}

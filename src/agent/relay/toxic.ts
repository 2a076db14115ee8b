import { lineFreeAt, sliceBytes } from './toxics/bandwidth.ts';
import { never } from './toxics/blackhole.ts';
import { delayOf } from './toxics/delay.ts';

/** What a relay does to the bytes that pass. Absent fields do nothing. */
export interface Toxic {
  /** Added once to each chunk of the answer's direction. */
  readonly delayMs: number;
  /** Each delay is drawn evenly from delayMs ± jitterMs, never below zero. */
  readonly jitterMs: number;
  /** In the answer's direction, shared by all connections of the link. */
  readonly bytesPerSecond?: number;
  /** This share of the connections is reset so long after it was opened, or after the toxic began. */
  readonly reset?: { readonly ratio: number; readonly afterMs: number };
  /** Connections are accepted, and nothing passes, in either direction, until the toxic ends. */
  readonly blackhole?: boolean;
}

export interface HeldToxic {
  readonly id: string;
  readonly toxic: Toxic;
  /** On the monotonic clock: a toxic that nobody refreshes ends by itself. */
  readonly expiresAt: number;
}

/** The moment at which a chunk may pass, and until when the link's line is busy then. */
export interface Passage {
  readonly at: number;
  readonly busyUntil: number;
}

/** Times are ms on the monotonic clock. `previous`: when the chunk before it passes, which it never overtakes. `random` is 0..1. */
export interface Arrival {
  readonly now: number;
  readonly previous: number;
  readonly busyUntil: number;
  readonly bytes: number;
  readonly random: number;
}

export function passageOf(toxic: Toxic | null, { now, previous, busyUntil, bytes, random }: Arrival): Passage {
  if (toxic === null) return { at: Math.max(now, previous), busyUntil };
  if (toxic.blackhole === true) return { at: never, busyUntil };
  const sentAt = toxic.bytesPerSecond === undefined ? now : lineFreeAt(busyUntil, now, bytes, toxic.bytesPerSecond);
  return {
    at: Math.max(sentAt + delayOf(toxic, random), previous),
    busyUntil: toxic.bytesPerSecond === undefined ? busyUntil : sentAt,
  };
}

/** The largest piece that passes in one go; null when chunks pass as they come. */
export function pieceBytes(toxic: Toxic | null): number | null {
  return toxic?.bytesPerSecond === undefined ? null : sliceBytes(toxic.bytesPerSecond);
}

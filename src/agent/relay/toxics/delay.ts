/** Milliseconds that one chunk waits: drawn evenly from `delayMs ± jitterMs`, never below zero. `random` is 0..1. */
export function delayOf({ delayMs, jitterMs }: { readonly delayMs: number; readonly jitterMs: number }, random: number): number {
  return Math.max(0, delayMs + (random * 2 - 1) * jitterMs);
}

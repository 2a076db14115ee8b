import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for a condition, never for a time. Throws with what was seen last when it does not come true. */
export async function until<T>(read: () => Promise<T> | T, holds: (value: T) => boolean, withinMs = 10_000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(value)}`);
    await sleep(10);
  }
}

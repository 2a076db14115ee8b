import { timings } from '../../src/domain/injection/timings.ts';
import type { Evidence } from '../../src/faults/fault.ts';
import { until } from './until.ts';

const lookForMs = timings.readBackEveryMs * timings.readBacksPerRevert;

/** Waits until a look sees nothing of an effect that was reverted. `revertAgain`: where it was seen for as long as an agent bears it. */
export async function untilGone(
  look: () => Promise<Evidence>,
  revertAgain: (() => Promise<void>) | null,
  timeoutMs?: number,
): Promise<Evidence> {
  let seen: Evidence;
  let revertedAt = performance.now();
  const isGone = async (): Promise<boolean> => {
    if (revertAgain !== null && performance.now() - revertedAt > lookForMs) {
      await revertAgain();
      revertedAt = performance.now();
    }
    return !(seen = await look()).present;
  };
  await until('nothing is left', isGone, timeoutMs);
  return seen!;
}

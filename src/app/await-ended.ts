import { setTimeout as sleep } from 'node:timers/promises';
import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionStatus } from '../domain/injection/records.ts';
import { cleanupOf } from '../domain/measure/outcome.ts';
import type { Cleanup } from '../domain/run-record.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { InjectionStore } from '../ports/injections.ts';

const pollMs = 200;

/**
 * Waits until every injection of a run has ended, as its agents wrote it down: what is left to ask when the engine that
 * carries the run is gone. `dirty` when one has not ended in time.
 */
export async function awaitEnded(
  store: Pick<InjectionStore, 'readSpecs' | 'readStatuses'>,
  runId: string,
  withinMs: number,
): Promise<Cleanup> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const specs = (await store.readSpecs()).filter((spec) =>
      isCorrupt(spec) ? spec.id.startsWith(runId) : spec.runId === runId,
    );
    const reads = await store.readStatuses(specs.map(({ id }) => id));
    const ended = reads.filter((read): read is InjectionStatus => !isCorrupt(read) && isTerminal(read.phase));
    if (ended.length === specs.length) return cleanupOf(ended);
    if (performance.now() >= giveUpAt) return 'dirty';
    await sleep(pollMs);
  }
}

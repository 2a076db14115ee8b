import type { Sample } from '../domain/measure/sample.ts';
import type { TimelineEvent } from '../domain/run-record.ts';
import type { Archive } from '../ports/archive.ts';
import type { Clock } from '../ports/clock.ts';
import { isoOf } from '../ports/clock.ts';

/**
 * Writes a run's evidence beside the safety path, never in it: an archive that is full must not keep a revert waiting.
 * What could not be written is counted and said when the run ends.
 */
export interface Recorder {
  event(event: Omit<TimelineEvent, 'at'> & { readonly at?: string }): void;
  sample(sample: Sample): void;
  /** All that was handed in has been written, or has failed. */
  flush(): Promise<{ readonly failed: number; readonly firstError: string | null }>;
}

/** What the run's earlier steps and attempts have told. An archive that cannot be read must not keep a step from its work. */
export async function readTimelineSoFar(archive: Archive, runId: string): Promise<readonly TimelineEvent[]> {
  return archive.readTimeline(runId).catch(() => []);
}

export function createRecorder(archive: Archive, runId: string, clock: Clock): Recorder {
  let queue: Promise<void> = Promise.resolve();
  let failed = 0;
  let firstError: string | null = null;
  const then = (write: () => Promise<void>) => {
    queue = queue.then(write).catch((error: unknown) => {
      failed += 1;
      firstError ??= error instanceof Error ? error.message : String(error);
    });
  };
  return {
    event: (event) => {
      const stamped = { ...event, at: event.at ?? isoOf(clock) };
      then(() => archive.appendTimeline(runId, stamped));
    },
    sample: (sample) => then(() => archive.appendSamples(runId, [sample])),
    flush: async () => {
      await queue;
      return { failed, firstError };
    },
  };
}

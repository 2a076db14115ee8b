import { messageOf } from '../domain/errors.ts';
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
  /** All that was handed in has been written, or has failed; what failed is told to the timeline, as soon as that can be written. */
  flush(): Promise<void>;
}

/** What the run's earlier steps and attempts have told. An archive that cannot be read must not keep a step from its work. */
export async function readTimelineSoFar(archive: Archive, runId: string): Promise<readonly TimelineEvent[]> {
  return archive.readTimeline(runId).catch(() => []);
}

interface Loss {
  readonly lines: number;
  readonly why: string;
}

/** By run. What one step could not write, and could not tell either, is told by the first later step that can. */
const lossesOf = new WeakMap<Archive, Map<string, Loss>>();

export function createRecorder(archive: Archive, runId: string, clock: Clock): Recorder {
  const losses = lossesOf.get(archive) ?? new Map<string, Loss>();
  lossesOf.set(archive, losses);
  let queue: Promise<void> = Promise.resolve();
  const then = (write: () => Promise<void>) => {
    queue = queue.then(write).catch((error: unknown) => {
      const { lines, why } = losses.get(runId) ?? { lines: 0, why: messageOf(error) };
      losses.set(runId, { lines: lines + 1, why });
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
      const loss = losses.get(runId);
      if (loss === undefined) return;
      const text = `${loss.lines} lines of evidence could not be written: ${loss.why}`;
      await archive
        .appendTimeline(runId, { at: isoOf(clock), source: 'run', kind: 'run.not-measured', text })
        .then(() => losses.delete(runId))
        // Still full: a later step tells it, or the record cannot be written either, and the run says that.
        .catch(() => {});
    },
  };
}

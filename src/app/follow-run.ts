import type { TimelineEvent } from '../domain/run-record.ts';
import type { Archive } from '../ports/archive.ts';

const pollMs = 200;

/**
 * Hands over each timeline event once, as it is written, until the run has ended or the signal says to stop. Events of
 * different writers may come slightly out of order; the archive sorts them afterwards.
 */
export async function followRun<Result>(
  archive: Pick<Archive, 'readTimeline'>,
  runId: string,
  result: Promise<Result>,
  onEvent: (event: TimelineEvent) => void,
  signal?: AbortSignal,
): Promise<Result> {
  const told = new Set<string>();
  const tell = async () => {
    for (const event of await archive.readTimeline(runId)) {
      const key = `${event.at} ${event.kind} ${event.text}`;
      if (told.has(key)) continue;
      told.add(key);
      onEvent(event);
    }
  };
  const ended = result.then(
    () => true,
    () => true,
  );
  for (;;) {
    const pause = Promise.withResolvers<false>();
    const timer = setTimeout(() => pause.resolve(false), pollMs);
    const over = await Promise.race([ended, pause.promise]);
    clearTimeout(timer);
    signal?.throwIfAborted();
    await tell();
    if (over) return result;
  }
}

import { alertsTold, awaitsDelivery, turnsSeen } from '../domain/measure/alerts-seen.ts';
import type { TimelineEvent } from '../domain/run-record.ts';
import { isoOf } from '../ports/clock.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connections } from './connections.ts';
import type { Recorder } from './recorder.ts';

const pollEveryMs = 1000;

/**
 * Asks Prometheus for its alerts, and the archive for their deliveries, and puts each turn on the timeline while it happens.
 * It stands beside the safety path: what cannot be asked is not told, and is measured afterwards all the same.
 */
export function startAlertNarrator(
  { metrics, archive }: Pick<Connections, 'metrics' | 'archive'>,
  options: { readonly clock: Clock; readonly recorder: Pick<Recorder, 'event'>; readonly earlier: readonly TimelineEvent[] },
): { stop(): void } {
  const { clock, recorder, earlier } = options;
  const runStartedAt = earlier[0]?.at ?? isoOf(clock);
  let told = alertsTold(earlier);
  let busy = false;
  let stopped = false;
  const poll = async () => {
    const seen = await metrics.activeAlerts({ timeoutMs: pollEveryMs });
    // The archive keeps the deliveries of all runs: it is read only when one is waited for.
    const awaited = awaitsDelivery(told, seen, runStartedAt);
    const deliveries = awaited ? await archive.readDeliveries(runStartedAt, isoOf(clock)) : [];
    if (stopped) return;
    const turns = turnsSeen(told, seen, deliveries, { runStartedAt, now: isoOf(clock) });
    told = turns.told;
    turns.events.forEach(recorder.event);
  };
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void poll()
      // For who looks on only: what is measured comes from the stored samples, and says there what could not be asked.
      .catch(() => {})
      .finally(() => (busy = false));
  }, pollEveryMs);
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}

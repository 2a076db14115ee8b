import type { MeasuredEpisode } from './alert-episodes.ts';
import { episodeEvents } from './alert-events.ts';
import { msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import { isFoundAgain, probeEvents } from './probe-events.ts';
import type { TimelineEvent } from '../run-record.ts';

/**
 * The run's own events, the alerts' and the probes' ones, in one order. What was told of alerts and probes while it happened
 * gives way to what was measured; it stays where nothing could be.
 */
export function mergeTimeline(input: MeasurementInput, alerts: readonly MeasuredEpisode[]): readonly TimelineEvent[] {
  const measured = alerts.flatMap(({ episode }) => episodeEvents(episode));
  const measuredAlerts = new Set(measured.map(({ data }) => data?.['alertname']));
  const kept = input.timeline.filter(
    (event) => !isFoundAgain(event) && !(event.source === 'alert' && measuredAlerts.has(event.data?.['alertname'])),
  );
  return [...kept, ...measured, ...probeEvents(input)].toSorted((a, b) => msOf(a.at) - msOf(b.at));
}

import type { MeasuredEpisode } from './alert-episodes.ts';
import { msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import { probeEvents } from './probe-events.ts';
import type { TimelineEvent } from '../run-record.ts';

/** The run's own events, the alerts' and the probes' ones, in one order. */
export function mergeTimeline(input: MeasurementInput, alerts: readonly MeasuredEpisode[]): readonly TimelineEvent[] {
  return [...input.timeline, ...alerts.flatMap(alertEvents), ...probeEvents(input)].toSorted((a, b) => msOf(a.at) - msOf(b.at));
}

function alertEvents({ episode }: MeasuredEpisode): TimelineEvent[] {
  const { alertname, labels } = episode;
  const event = (at: string | null, word: string, text: string): TimelineEvent[] =>
    at === null
      ? []
      : [{ at, source: 'alert', kind: `alert.${word}`, text: `${alertname} ${text}`, data: { alertname, labels } }];
  return [
    ...event(episode.pendingAt, 'pending', 'is pending'),
    ...event(episode.firedAt, 'firing', 'fires'),
    ...event(episode.notifiedAt, 'notified', 'was delivered'),
    ...event(episode.clearedAt, 'cleared', 'cleared'),
  ];
}

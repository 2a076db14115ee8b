import type { JsonObject } from '../json.ts';
import type { AlertEpisode, TimelineEvent } from '../run-record.ts';

/** What happens to an alert, as a timeline says it. */
const wordsOf = { pending: 'is pending', firing: 'fires', notified: 'was delivered', cleared: 'cleared' } as const;
export type AlertTurn = keyof typeof wordsOf;

export function isAlertTurn(text: string): text is AlertTurn {
  return Object.hasOwn(wordsOf, text);
}

export function alertEvent(
  at: string,
  turn: AlertTurn,
  labels: Readonly<Record<string, string>>,
  data: JsonObject = {},
): TimelineEvent {
  const alertname = labels['alertname'] ?? '';
  return {
    at,
    source: 'alert',
    kind: `alert.${turn}`,
    text: `${alertname} ${wordsOf[turn]}`,
    data: { alertname, labels, ...data },
  };
}

/** The turns of a measured episode; what did not happen has no line. */
export function episodeEvents({ labels, pendingAt, firedAt, notifiedAt, clearedAt }: AlertEpisode): TimelineEvent[] {
  const event = (at: string | null, turn: AlertTurn) => (at === null ? [] : [alertEvent(at, turn, labels)]);
  return [
    ...event(pendingAt, 'pending'),
    ...event(firedAt, 'firing'),
    ...event(notifiedAt, 'notified'),
    ...event(clearedAt, 'cleared'),
  ];
}

import { alertEvent, isAlertTurn } from './alert-events.ts';
import type { AlertTurn } from './alert-events.ts';
import { includesLabels } from './alert-series.ts';
import { msOf } from './bounds.ts';
import type { DeliveredAlert } from './input.ts';
import type { TimelineEvent } from '../run-record.ts';

/** One alert as Prometheus shows it now. `activeAt`: when its condition became true, ISO, on Prometheus's clock. */
export interface SeenAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAt: string;
}

interface Told {
  readonly turn: AlertTurn;
  readonly labels: SeenAlert['labels'];
  readonly activeAt: string;
}

/** The last turn told of each alert that is active, by its labels. */
export type AlertsTold = ReadonlyMap<string, Told>;

/** What an earlier attempt, or the step before, has already told. */
export function alertsTold(timeline: readonly TimelineEvent[]): AlertsTold {
  const told = new Map<string, Told>();
  for (const { source, kind, data } of timeline) {
    const turn = kind.slice('alert.'.length);
    const activeAt = data?.['activeAt'];
    if (source !== 'alert' || !isAlertTurn(turn) || typeof activeAt !== 'string') continue;
    const labels = data?.['labels'] as SeenAlert['labels'];
    if (turn === 'cleared') told.delete(keyOf(labels));
    else told.set(keyOf(labels), { turn, labels, activeAt });
  }
  return told;
}

/** Whether an alert of this run fires that nobody is known to have been told of. */
export function awaitsDelivery(told: AlertsTold, seen: readonly SeenAlert[], runStartedAt: string): boolean {
  return seen.some(
    ({ state, labels, activeAt }) =>
      state === 'firing' && msOf(activeAt) >= msOf(runStartedAt) && told.get(keyOf(labels))?.turn !== 'notified',
  );
}

/**
 * What has turned since: for people who watch, at the time it was seen. The record's times are measured afterwards from stored
 * samples. Alerts that were active before the run began are not its own, and are left out.
 */
export function turnsSeen(
  told: AlertsTold,
  seen: readonly SeenAlert[],
  deliveries: readonly DeliveredAlert[],
  { runStartedAt, now }: { readonly runStartedAt: string; readonly now: string },
): { readonly events: readonly TimelineEvent[]; readonly told: AlertsTold } {
  const events: TimelineEvent[] = [];
  const active = new Map<string, Told>();
  const tell = (at: string, turn: AlertTurn, { labels, activeAt }: Pick<SeenAlert, 'labels' | 'activeAt'>) => {
    events.push(alertEvent(at, turn, labels, { activeAt }));
    active.set(keyOf(labels), { turn, labels, activeAt });
  };
  for (const alert of seen) {
    if (msOf(alert.activeAt) < msOf(runStartedAt)) continue;
    const before = told.get(keyOf(alert.labels));
    if (before !== undefined) active.set(keyOf(alert.labels), before);
    if (alert.state === 'pending') {
      if (before === undefined) tell(now, 'pending', alert);
      continue;
    }
    if (before === undefined || before.turn === 'pending') tell(now, 'firing', alert);
    const delivery = before?.turn === 'notified' ? undefined : deliveryOf(alert, deliveries);
    if (delivery !== undefined) tell(delivery.receivedAt, 'notified', alert);
  }
  for (const [key, { labels, activeAt }] of told) {
    if (!active.has(key)) events.push(alertEvent(now, 'cleared', labels, { activeAt }));
  }
  return { events, told: active };
}

function deliveryOf({ labels, activeAt }: SeenAlert, deliveries: readonly DeliveredAlert[]): DeliveredAlert | undefined {
  return deliveries.find(
    (delivery) =>
      delivery.status === 'firing' && includesLabels(delivery.labels, labels) && msOf(delivery.startsAt) >= msOf(activeAt),
  );
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

import { floorSecondsOf, ruleOf } from './alert-rules.ts';
import { firingsOf, includesLabels, pendingAfter } from './alert-series.ts';
import type { Firing } from './alert-series.ts';
import type { Bounds } from './bounds.ts';
import { isoOf, msOf } from './bounds.ts';
import type { FaultTimes } from './fault-times.ts';
import type { MeasurementInput } from './input.ts';
import type { ExpectedAlert } from '../plan/plan.ts';
import type { AlertClass, AlertEpisode } from '../run-record.ts';

/** An episode with its bounds; `firing` is null for an expected alert that never fired. */
export interface MeasuredEpisode {
  readonly episode: AlertEpisode;
  readonly firing: Firing | null;
}

/** Classes whose firing was caused by the fault: only they count for detection. */
export const attributableClasses: readonly AlertClass[] = ['true-positive', 'late', 'suppressed', 'wrong-severity'];

/** Every alert that fired around the run, and every expected one that did not, each in one class: the first that matches. */
export function measureAlerts(input: MeasurementInput, times: FaultTimes, impact: Bounds | null): readonly MeasuredEpisode[] {
  const { t0 } = times;
  // What Prometheus could not be asked is not known: neither that an alert fired nor that it did not.
  if (t0 === null || input.unanswered.includes(input.plan.environment.prometheusUrl)) return [];
  const fired = firingsOf(input).map((firing) => {
    const expected = input.plan.expectedAlerts.find((alert) => matches(alert, firing.labels)) ?? null;
    return { firing, episode: episodeOf(firing, expected !== null, classOf(input, firing, expected, t0, times.reverted)) };
  });
  const silent = input.plan.expectedAlerts
    .filter((alert) => !fired.some(({ firing, episode }) => matches(alert, firing.labels) && countsFor(episode, t0)))
    .map((alert) => ({ firing: null, episode: silentEpisode(input, alert, times, t0, impact) }));
  return [...fired, ...silent].toSorted((a, b) => firedMs(a) - firedMs(b));
}

/** What never fired comes last. */
function firedMs({ firing }: MeasuredEpisode): number {
  return firing?.fired.at ?? Number.MAX_VALUE;
}

/** An episode that was over before the fault began says nothing about whether the alert would have fired. */
function countsFor(episode: AlertEpisode, t0: Bounds): boolean {
  return episode.clearedAt === null || msOf(episode.clearedAt) > t0.lo;
}

function classOf(
  input: MeasurementInput,
  { labels, fired, pending, notified }: Firing,
  expected: ExpectedAlert | null,
  t0: Bounds,
  reverted: Bounds | null,
): AlertClass {
  if (fired.at < t0.lo) return 'pre-existing';
  if (pending !== null && pending.hi < t0.lo) return 'primed';
  if (expected === null) return 'unexpected';
  if (fired.at > t0.at + expected.withinSeconds * 1000 || (reverted !== null && fired.at > reverted.at)) return 'late';
  if (expected.severity !== null && labels['severity'] !== expected.severity) return 'wrong-severity';
  if (notified === null && input.plan.environment.receiverUrl !== null && deadAlertmanagers(input).length === 0)
    return 'suppressed';
  return 'true-positive';
}

/** Of those that should notify, the ones that no longer answered when the run had ended. */
export function deadAlertmanagers({ plan, unanswered }: MeasurementInput): readonly string[] {
  return plan.environment.alertmanagerUrls.filter((url) => unanswered.includes(url));
}

function episodeOf(firing: Firing, expected: boolean, alertClass: AlertClass): AlertEpisode {
  const iso = (bounds: Bounds | null) => (bounds === null ? null : isoOf(bounds.at));
  return {
    alertname: firing.labels['alertname'] ?? '',
    labels: firing.labels,
    expected,
    class: alertClass,
    pendingAt: iso(firing.pending),
    firedAt: iso(firing.fired),
    notifiedAt: iso(firing.notified),
    clearedAt: iso(firing.cleared),
  };
}

function silentEpisode(
  input: MeasurementInput,
  alert: ExpectedAlert,
  times: FaultTimes,
  t0: Bounds,
  impact: Bounds | null,
): AlertEpisode {
  return {
    alertname: alert.alertname,
    labels: { alertname: alert.alertname, ...alert.labels },
    expected: true,
    class: silentClass(input, alert, times, t0, impact),
    pendingAt: pendingAfter(input, (labels) => matches(alert, labels), t0.lo),
    firedAt: null,
    notifiedAt: null,
    clearedAt: null,
  };
}

/**
 * Why it never fired. Too short a plan is the plan's doing; a run that ended early for another reason says nothing of an
 * alert that was not due yet, or could not fire yet.
 */
function silentClass(
  input: MeasurementInput,
  alert: ExpectedAlert,
  times: FaultTimes,
  t0: Bounds,
  impact: Bounds | null,
): AlertClass {
  const severity = alert.severity === null ? {} : { severity: alert.severity };
  const rule = ruleOf(input.rules, { alertname: alert.alertname, ...severity, ...alert.labels });
  const floor = rule === undefined ? 0 : floorSecondsOf(rule);
  const end = times.revertStarted ?? msOf(input.endedAt);
  const secondsSince = (from: Bounds) => (end - from.at) / 1000;
  const tooShort = secondsSince(impact ?? t0) < floor;
  const cutShort = input.ending.ending !== 'completed';
  if (cutShort && input.plan.holdSeconds >= floor && (tooShort || secondsSince(t0) < alert.withinSeconds)) return 'censored';
  return tooShort ? 'undetectable-by-design' : 'missed';
}

function matches(alert: ExpectedAlert, labels: Readonly<Record<string, string>>): boolean {
  return labels['alertname'] === alert.alertname && includesLabels(labels, alert.labels);
}

import { ruleOf } from './alert-rules.ts';
import type { Bounds } from './bounds.ts';
import { between, corrected, exactly, isoOf, msOf, offsetOf } from './bounds.ts';
import type { ClockOffset, DeliveredAlert, MeasurementInput, RawSeries } from './input.ts';
import type { TimelineEvent } from '../run-record.ts';

/** One stretch of firing of one alert with one set of labels, on our clock. */
export interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly pending: Bounds | null;
  readonly fired: Bounds;
  readonly notified: Bounds | null;
  /** null while it still fired at the end. */
  readonly cleared: Bounds | null;
}

/** Evaluations that may be late or missing before a firing counts as over. */
const toleratedMisses = 3;

/** Every firing stored in `ALERTS`, with the moment it became pending (`ALERTS_FOR_STATE`) and its delivery. */
export function firingsOf(input: MeasurementInput): readonly Firing[] {
  const offset = offsetOf(input.clockOffsets, input.plan.environment.prometheusUrl);
  const end = msOf(input.endedAt);
  return input.alertSeries
    .filter(({ labels }) => labels['__name__'] === 'ALERTS' && labels['alertstate'] === 'firing')
    .flatMap((series) => {
      const interval = intervalOf(input, series);
      const labels = ownLabels(series.labels);
      return runsOf(series, toleratedMisses * interval).map((run) => {
        const state = activeAtOf(input, labels, run.first);
        const active = state?.at ?? null;
        const shift = state?.queryOffsetMs ?? 0;
        const [first, last] = [run.first + shift, run.last + shift];
        const ready = active === null ? -Infinity : active + forOf(input, labels) * 1000;
        const due = corrected(exactly(first), offset);
        const stamped = corrected(between(Math.max(first - interval, Math.min(ready, first)), first), offset);
        const gone = corrected(between(last, last + interval), offset);
        const notified = notifiedOf(input.deliveries, labels, stamped, gone.hi, interval, offset);
        const seen = seenFiring(input.timeline, labels).concat(notified?.at ?? []);
        return {
          labels,
          pending: active === null ? null : corrected(onGrid(active, first), offset),
          fired: { ...stamped, hi: latestOf(due, interval, seen) },
          notified,
          cleared: gone.at + interval < end ? gone : null,
        };
      });
    });
}

/**
 * A sample bears the time at which its evaluation was due. A busy Prometheus makes it later, by less than its interval, and
 * nothing that it stores says how late: only who saw the alert fire narrows that.
 */
function latestOf(due: Bounds, interval: number, seen: readonly number[]): number {
  return Math.max(due.hi, Math.min(due.hi + interval, ...seen.filter((at) => at >= due.lo)));
}

/** When the run itself saw it firing, on our clock: at its next look, so at or after the evaluation. */
function seenFiring(timeline: readonly TimelineEvent[], labels: Readonly<Record<string, string>>): readonly number[] {
  return timeline
    .filter(({ kind, data }) => {
      const own = (data?.['labels'] ?? {}) as Readonly<Record<string, string>>;
      return kind === 'alert.firing' && includesLabels(own, labels) && includesLabels(labels, own);
    })
    .map(({ at }) => msOf(at));
}

/** Stored in whole seconds; evaluations have the same fraction of a second as the one that fired. */
function onGrid(activeAt: number, firedAt: number): Bounds {
  return { at: activeAt + (firedAt % 1000), lo: activeAt, hi: activeAt + 1000 };
}

/** When an alert that perhaps never fired became pending, after an instant. */
export function pendingAfter(
  input: MeasurementInput,
  matches: (labels: Record<string, string>) => boolean,
  after: number,
): string | null {
  const offset = offsetOf(input.clockOffsets, input.plan.environment.prometheusUrl);
  const times = forStates(input)
    .filter(({ labels }) => matches(ownLabels(labels)))
    .flatMap(({ points }) => points.map(([, activeAt]) => activeAt * 1000 - offset.offsetMs))
    .filter((at) => at + 1000 >= after);
  return times.length === 0 ? null : isoOf(Math.min(...times));
}

function notifiedOf(
  deliveries: readonly DeliveredAlert[],
  labels: Readonly<Record<string, string>>,
  fired: Bounds,
  gone: number,
  interval: number,
  offset: ClockOffset,
): Bounds | null {
  const times = deliveries
    .filter((delivery) => delivery.status === 'firing' && includesLabels(delivery.labels, labels))
    .filter((delivery) => {
      const startsAt = msOf(delivery.startsAt) - offset.offsetMs;
      return startsAt >= fired.lo - interval && startsAt <= gone;
    })
    .map((delivery) => msOf(delivery.receivedAt));
  return times.length === 0 ? null : exactly(Math.min(...times));
}

/** Alertmanager may add external labels; every label of the alert itself must be there. */
export function includesLabels(all: Readonly<Record<string, string>>, some: Readonly<Record<string, string>>): boolean {
  return Object.entries(some).every(([name, value]) => all[name] === value);
}

function forStates(input: MeasurementInput): readonly RawSeries[] {
  return input.alertSeries.filter(({ labels }) => labels['__name__'] === 'ALERTS_FOR_STATE');
}

/**
 * `ALERTS_FOR_STATE` holds the unix time, in whole seconds, at which the condition became true. A rule group with a
 * `query_offset` stores its samples that much earlier, and does not shift what is written in them: the first sample that tells
 * of a moment lies before it by the offset.
 */
function activeAtOf(
  input: MeasurementInput,
  labels: Readonly<Record<string, string>>,
  firedAt: number,
): { readonly at: number; readonly queryOffsetMs: number } | null {
  const state = forStates(input).find((series) => {
    const own = ownLabels(series.labels);
    return includesLabels(own, labels) && includesLabels(labels, own);
  });
  const point = state?.points.findLast(([at]) => at * 1000 <= firedAt + 1);
  if (state === undefined || point === undefined) return null;
  const toldFirst = state.points.find(([, activeAt]) => activeAt === point[1])![0];
  return { at: point[1] * 1000, queryOffsetMs: Math.max(0, point[1] - Math.floor(toldFirst)) * 1000 };
}

function ownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => name !== '__name__' && name !== 'alertstate'));
}

function runsOf({ points }: RawSeries, gapMs: number): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const [seconds] of points) {
    const at = seconds * 1000;
    const run = runs.at(-1);
    if (run === undefined || at - run.last > gapMs) runs.push({ first: at, last: at });
    else run.last = at;
  }
  return runs;
}

function forOf(input: MeasurementInput, labels: Readonly<Record<string, string>>): number {
  return ruleOf(input.rules, labels)?.forSeconds ?? 0;
}

/** Milliseconds between evaluations: from the rule, else from the stored samples. */
function intervalOf(input: MeasurementInput, { labels, points }: RawSeries): number {
  const rule = ruleOf(input.rules, labels);
  if (rule !== undefined) return rule.intervalSeconds * 1000;
  const gaps = points.slice(1).map(([at], index) => at - points[index]![0]);
  return (gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 15) * 1000;
}

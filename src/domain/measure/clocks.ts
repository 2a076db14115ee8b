import { attributableClasses } from './alert-episodes.ts';
import type { MeasuredEpisode } from './alert-episodes.ts';
import type { Bounds } from './bounds.ts';
import { between, earliest, exactly, instantOf, latest, msOf } from './bounds.ts';
import type { FaultTimes } from './fault-times.ts';
import { personSource } from './person-source.ts';
import type { MeasurementInput } from './input.ts';
import type { SliJudgement } from './sli.ts';
import type { Clocks, Instant, TimelineEvent } from '../run-record.ts';

/** The canonical timestamps, each with its bounds and where it was read. */
export function measureClocks(
  input: MeasurementInput,
  times: FaultTimes,
  slis: readonly SliJudgement[],
  alerts: readonly MeasuredEpisode[],
): Clocks {
  const { t0 } = times;
  const firings = alerts
    .filter(({ episode }) => attributableClasses.includes(episode.class))
    .flatMap(({ firing }) => (firing === null ? [] : [firing]));
  const known = <T>(values: readonly (T | null)[]) => values.filter((value): value is T => value !== null);
  const person = (word: string) => personInstant(input.timeline, word, t0);
  const allCleared = firings.every((firing) => firing.cleared !== null);

  return {
    commanded: eventInstant(input.timeline, 'run.commanded'),
    t0: instantOf(t0, times.sources.t0),
    impact: impactInstant(slis),
    pending: instantOf(earliest(known(firings.map((firing) => firing.pending))), 'ALERTS_FOR_STATE'),
    fired: instantOf(earliest(firings.map((firing) => firing.fired)), 'ALERTS'),
    notified: instantOf(earliest(known(firings.map((firing) => firing.notified))), 'webhook receipt'),
    noticed: person('noticed'),
    acknowledged: person('acknowledged'),
    diagnosed: person('diagnosed'),
    acted: person('acted'),
    mitigated: person('mitigated'),
    recovered: recoveredInstant(slis),
    reverted: instantOf(times.reverted, times.sources.reverted),
    cleared: allCleared ? instantOf(latest(known(firings.map((firing) => firing.cleared))), 'ALERTS') : null,
    restored: eventInstant(input.timeline, 'run.recovered'),
  };
}

function impactInstant(slis: readonly SliJudgement[]): Instant | null {
  const all = hurt(slis).toSorted((a, b) => a.impact.at - b.impact.at);
  return instantOf(earliest(all.map((sli) => sli.impact)), all[0]?.source ?? '');
}

/** Recovered when the last of the hurt journeys is. */
function recoveredInstant(slis: readonly SliJudgement[]): Instant | null {
  const all = hurt(slis);
  const back = all.flatMap(({ recovered, source }) => (recovered === null ? [] : [{ recovered, source }]));
  if (back.length < all.length) return null;
  const last = back.toSorted((a, b) => b.recovered.at - a.recovered.at)[0];
  return instantOf(latest(back.map(({ recovered }) => recovered)), last?.source ?? '');
}

function hurt(slis: readonly SliJudgement[]): (SliJudgement & { impact: Bounds })[] {
  return slis.filter((sli): sli is SliJudgement & { impact: Bounds } => sli.impact !== null);
}

/** Our receipt counts; the sender's clock is only the lower bound, where it is plausible. Words from before the fault do not count. */
function personInstant(timeline: readonly TimelineEvent[], word: string, t0: Bounds | null): Instant | null {
  const event = inOrder(timeline).find(({ kind, at }) => kind === `person.${word}` && (t0 === null || msOf(at) >= t0.lo));
  if (event === undefined) return null;
  const at = msOf(event.at);
  const sent = typeof event.data?.['sentAt'] === 'string' ? msOf(event.data['sentAt']) : at;
  const plausible = Number.isFinite(sent) && sent <= at && (t0 === null || sent >= t0.lo);
  return instantOf(plausible ? between(sent, at) : exactly(at), personSource(event.by ?? 'unknown'));
}

function eventInstant(timeline: readonly TimelineEvent[], kind: string): Instant | null {
  const event = inOrder(timeline).find((candidate) => candidate.kind === kind);
  if (event === undefined) return null;
  // Where nobody could look, it may have been earlier.
  const notBefore = event.data?.['notBefore'];
  return instantOf(
    typeof notBefore === 'string' ? between(msOf(notBefore), msOf(event.at)) : exactly(msOf(event.at)),
    'timeline',
  );
}

function inOrder(timeline: readonly TimelineEvent[]): TimelineEvent[] {
  return timeline.toSorted((a, b) => msOf(a.at) - msOf(b.at));
}

import { deadAlertmanagers } from './alert-episodes.ts';
import type { MeasuredEpisode } from './alert-episodes.ts';
import { msOf } from './bounds.ts';
import type { FaultTimes } from './fault-times.ts';
import type { MeasurementInput } from './input.ts';
import { recoveredUnaided } from './mitigation.ts';
import { isPersons } from './person-source.ts';
import type { SliJudgement } from './sli.ts';
import type { AlertClass, Clocks, Instant, Metric, Metrics, MetricStatus } from '../run-record.ts';

export interface MetricFacts {
  readonly input: MeasurementInput;
  readonly clocks: Clocks;
  readonly times: FaultTimes;
  readonly alerts: readonly MeasuredEpisode[];
  readonly slis: readonly SliJudgement[];
}

/** Times to impact, detect, notify, acknowledge, mitigate and restore. A number only where both ends were seen. */
export function measureMetrics(facts: MetricFacts): Metrics {
  const { t0 } = facts.clocks;
  if (t0 === null) {
    const nothing = none('not-measured', 'no fault was ever verified, so no clock was started');
    return { tti: nothing, ttd: nothing, ttn: nothing, tta: nothing, ttm: nothing, ttr: nothing };
  }
  const ttd = detect(facts, t0);
  return {
    tti: impact(facts, t0),
    ttd,
    ttn: notify(facts, t0, ttd),
    tta: acknowledge(facts),
    ttm: mitigate(facts, t0),
    ttr: restore(facts, t0),
  };
}

function impact({ clocks, slis }: MetricFacts, t0: Instant): Metric {
  if (clocks.impact !== null)
    return span(
      t0,
      clocks.impact,
      'measured',
      `from the verified fault to the first bad interval of a user journey${smear(slis)}`,
    );
  if (hurtBefore(slis)) return none('pre-existing', badBefore);
  return allSeen(slis)
    ? none('no-impact', 'no user journey went bad: the system withstood the fault')
    : none('not-measured', 'not every user journey could be judged while the fault was on');
}

function detect({ input, clocks, times, alerts, slis }: MetricFacts, t0: Instant): Metric {
  const { fired, noticed, reverted } = clocks;
  const byAlert = fired !== null && (noticed === null || msOf(fired.at) <= msOf(noticed.at));
  const first = byAlert ? fired : noticed;
  if (first !== null) {
    const late = reverted !== null && msOf(first.at) > msOf(reverted.at);
    const note = byAlert ? 'an expected alert fired first' : 'a person noticed before any expected alert fired';
    return {
      ...span(t0, first, late ? 'late' : 'measured', late ? `${note}, after the fault was gone` : note),
      source: byAlert ? 'alert' : 'person',
    };
  }
  const { prometheusUrl } = input.plan.environment;
  if (input.unanswered.includes(prometheusUrl))
    return none('not-measured', `Prometheus at ${prometheusUrl} could not be asked for its alerts when the run had ended`);
  const classes = expectedClasses(alerts);
  if (classes.includes('pre-existing')) return none('pre-existing', 'the expected alert was already firing before the fault');
  if (classes.includes('primed')) return none('primed', 'the expected alert was already pending before the fault');
  if (input.plan.expectedAlerts.length === 0) return none('not-measured', 'no alert was expected and nobody reported noticing');
  if (clocks.impact === null && !hurtBefore(slis) && allSeen(slis))
    return none('no-impact', 'no user journey went bad, and no expected alert fired');
  if (classes.length > 0 && classes.every((one) => one === 'undetectable-by-design'))
    return none('undetectable-by-design', "the fault ended before the alert's `for` could elapse");
  if (classes.includes('censored') && !classes.includes('missed')) {
    const seen = ((times.revertStarted ?? msOf(input.endedAt)) - msOf(t0.at)) / 1000;
    return censored(seen, `the run ended after ${seconds(seen)} s, before an expected alert was due`);
  }
  return none('missed', 'no expected alert fired and nobody reported noticing');
}

function notify({ input, clocks }: MetricFacts, t0: Instant, ttd: Metric): Metric {
  if (clocks.notified !== null) {
    const late = clocks.reverted !== null && msOf(clocks.notified.at) > msOf(clocks.reverted.at);
    return span(t0, clocks.notified, late ? 'late' : 'measured', 'from the verified fault to the first delivered notification');
  }
  if (input.plan.environment.receiverUrl === null)
    return none('not-measured', 'the environment has no receiver for notifications');
  const dead = deadAlertmanagers(input);
  if (dead.length > 0)
    return none(
      'not-measured',
      `Alertmanager at ${dead.join(', ')} did not answer when the run had ended, and no notification arrived`,
    );
  if (clocks.fired !== null) return none('suppressed', 'an expected alert fired, but no notification was delivered');
  if (ttd.status === 'measured' || ttd.status === 'late') return none('missed', 'a person noticed, but no expected alert fired');
  return { ...ttd, source: 'none' };
}

function acknowledge({ clocks: { notified, acknowledged } }: MetricFacts): Metric {
  if (notified === null) return none('not-measured', 'no notification was delivered, so there was nothing to acknowledge');
  if (acknowledged === null) return none('unacked', 'a notification was delivered and nobody acknowledged it');
  if (msOf(acknowledged.at) < msOf(notified.lo))
    return none('not-measured', 'it was acknowledged before the notification arrived');
  return span(notified, acknowledged, 'measured', 'from the delivered notification to the first acknowledgement');
}

function mitigate({ input, clocks, times, slis }: MetricFacts, t0: Instant): Metric {
  if (clocks.impact === null) {
    if (hurtBefore(slis)) return none('pre-existing', badBefore);
    return allSeen(slis)
      ? none('no-impact', 'there was no impact to mitigate')
      : none('not-measured', 'not every user journey could be judged while the fault was on');
  }
  if (clocks.recovered !== null && recoveredUnaided(clocks, times)) {
    return span(
      t0,
      clocks.recovered,
      'measured',
      `from the verified fault to the first good interval that stayed good${smear(slis)}`,
    );
  }
  const end = times.revertStarted ?? msOf(input.endedAt);
  const note =
    times.revertStarted === null
      ? 'it had not recovered when the run ended'
      : 'the fault was taken away before anybody had mitigated it';
  return censored((end - msOf(t0.at)) / 1000, note);
}

function restore({ input, clocks }: MetricFacts, t0: Instant): Metric {
  if (clocks.restored === null && input.timeline.some(({ kind }) => kind === 'run.recovery-unknown'))
    return none('not-measured', 'steady state could not be measured after the fault was gone');
  if (clocks.restored === null) return none('not-restored', 'steady state was not verified again before the run ended');
  return span(
    t0,
    clocks.restored,
    'measured',
    'from the verified fault to verified steady state, which is looked for once the fault is gone',
  );
}

/** Said where samples over a window, not raw counters, found somebody hurt. */
function smear(slis: readonly SliJudgement[]): string {
  const longest = Math.max(0, ...slis.filter((sli) => sli.impact !== null).map((sli) => sli.windowSeconds));
  return longest === 0 ? '' : `; the query looks back ${longest} s, so it may have been earlier, down to the lower bound`;
}

function expectedClasses(alerts: readonly MeasuredEpisode[]): readonly AlertClass[] {
  return alerts.filter(({ episode }) => episode.expected).map(({ episode }) => episode.class);
}

const badBefore = 'a user journey was bad already before the fault';

function hurtBefore(slis: readonly SliJudgement[]): boolean {
  return slis.some((sli) => sli.hurtBefore);
}

/** A journey that could not be seen may be the one that was hurt. */
function allSeen(slis: readonly SliJudgement[]): boolean {
  return slis.length > 0 && slis.every(({ seen }) => seen);
}

function span(from: Instant, to: Instant, status: MetricStatus, note: string): Metric {
  return {
    status,
    seconds: seconds(Math.max(0, (msOf(to.at) - msOf(from.at)) / 1000)),
    lo: seconds(Math.max(0, (msOf(to.lo) - msOf(from.hi)) / 1000)),
    hi: seconds(Math.max(0, (msOf(to.hi) - msOf(from.lo)) / 1000)),
    source: to.source,
    note: isPersons(from.source) ? `${note}; when that began is the word of ${from.source}, and as wide as its bounds` : note,
  };
}

function censored(least: number, note: string): Metric {
  return { status: 'censored', seconds: null, lo: seconds(Math.max(0, least)), hi: null, source: 'none', note };
}

function none(status: MetricStatus, note: string): Metric {
  return { status, seconds: null, lo: null, hi: null, source: 'none', note };
}

function seconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}

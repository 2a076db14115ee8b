import type { HypothesisCheck } from '../../domain/plan/plan.ts';
import type { AlertClass, ClockName, MetricName, MetricStatus } from '../../domain/run-record.ts';

/** What every clock, number, status and class means. Printed in each report, so that no number needs another page. */
export const clockWords: Readonly<Record<ClockName, { readonly label: string; readonly means: string }>> = {
  commanded: { label: 'commanded', means: 'Firedrill released the fault' },
  t0: { label: 'T0', means: 'first effect verified by read-back from the outside, stamped by the agent' },
  impact: { label: 'impact', means: 'first bad interval of the service level after T0' },
  pending: { label: 'pending', means: 'the alert’s condition became true in Prometheus' },
  fired: { label: 'fired', means: 'first stored sample of the alert in state firing' },
  notified: { label: 'notified', means: 'a notification reached our receiver' },
  noticed: { label: 'noticed', means: 'a person said they noticed, without being told' },
  acknowledged: { label: 'acknowledged', means: 'first acknowledgement by a person' },
  diagnosed: { label: 'diagnosed', means: 'the right fault domain was named' },
  acted: { label: 'acted', means: 'a mitigating action started' },
  mitigated: { label: 'mitigated', means: 'the mitigating action was done' },
  recovered: {
    label: 'recovered',
    means: 'first good interval after which the service level stayed good for the stability window',
  },
  reverted: { label: 'reverted', means: 'the fault was verified gone on every target' },
  cleared: { label: 'cleared', means: 'last attributable alert stopped firing' },
  restored: { label: 'restored', means: 'steady state verified again: probes good, no alert left, targets back' },
};

export const metricWords: Readonly<Record<MetricName, { readonly name: string; readonly means: string }>> = {
  tti: { name: 'time to impact', means: 'impact − T0' },
  ttd: { name: 'time to detect', means: 'first attributable alert fired, or a person noticed, whichever came first − T0' },
  ttn: { name: 'time to notify', means: 'notified − T0: what a responder feels' },
  tta: { name: 'time to acknowledge', means: 'acknowledged − notified' },
  ttm: { name: 'time to mitigate', means: 'recovered − T0, only when the fault did not end by itself first' },
  ttr: { name: 'time to restore', means: 'restored − T0' },
};

export const statusWords: Readonly<Record<MetricStatus, { readonly word: string; readonly means: string }>> = {
  measured: { word: 'measured', means: 'an instant was read at each end' },
  censored: {
    word: 'censored',
    means: 'the fault ended before the event could happen: at least this long, nobody knows how long',
  },
  'no-impact': {
    word: 'no impact',
    means: 'every user journey was seen while the fault was on, and none turned bad: resilience, not a gap',
  },
  missed: { word: 'missed', means: 'it could have been seen in time and was not' },
  late: { word: 'late', means: 'it happened, after its time or after the fault was gone' },
  'pre-existing': {
    word: 'pre-existing',
    means: 'it was there before T0 (the alert fired, or users were hurt) and says nothing about this fault',
  },
  primed: { word: 'primed', means: 'the alert was pending before T0, so its time is too good' },
  suppressed: { word: 'suppressed', means: 'it fired and nobody was told: silence, inhibition or routing' },
  unacked: { word: 'not acknowledged', means: 'people were told and nobody acknowledged' },
  'not-restored': { word: 'not restored', means: 'steady state was not verified again in the time allowed' },
  'undetectable-by-design': { word: 'undetectable by design', means: 'the alert needs longer than the fault lasted' },
  'not-measured': { word: 'not measured', means: 'there is no reading; this is unknown, not zero' },
};

export const alertClassWords: Readonly<Record<AlertClass, { readonly word: string; readonly means: string }>> = {
  'true-positive': { word: 'true positive', means: 'expected, fired in time with the right severity, and notified' },
  late: { word: 'late', means: 'expected, fired after its time or after the revert' },
  missed: { word: 'missed', means: 'expected, could have fired while the impact lasted, and did not' },
  'undetectable-by-design': {
    word: 'undetectable by design',
    means: 'expected, but its detection floor is longer than the impact',
  },
  censored: { word: 'censored', means: 'expected, and the run was ended before it was due or could fire: nobody knows' },
  'pre-existing': { word: 'pre-existing', means: 'was firing before T0' },
  primed: { word: 'primed', means: 'was pending before T0' },
  suppressed: { word: 'suppressed', means: 'fired and was not notified' },
  'wrong-severity': { word: 'wrong severity', means: 'expected, fired with another severity' },
  unexpected: { word: 'unexpected', means: 'not in the plan; a person decides whether it is collateral or false' },
};

export const checkWords: Readonly<Record<HypothesisCheck['kind'], string>> = {
  hold: 'stays good',
  recoverWithin: 'good again in time',
  invariant: 'never violated',
  eventHappens: 'happens',
  eventWithin: 'happens in time',
};

/** The five numbers of the verdict, in the order in which they happen. */
export const verdictMetrics: readonly MetricName[] = ['tti', 'ttd', 'ttn', 'ttm', 'ttr'];

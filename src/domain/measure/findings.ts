import { cleanupAdvice } from '../plan/agent-advice.ts';
import { deadAlertmanagers } from './alert-episodes.ts';
import type { MeasuredEpisode } from './alert-episodes.ts';
import { floorSecondsOf, ruleOf } from './alert-rules.ts';
import { unseenBadSides } from './bad-side.ts';
import { neededCoverage } from './coverage.ts';
import type { MeasurementInput } from './input.ts';
import type { HypothesisCheck } from '../plan/plan.ts';
import type { AlertEpisode, Finding, HypothesisOutcome, Metrics, Outcome, ProbeSummary } from '../run-record.ts';

export interface FindingFacts {
  readonly input: MeasurementInput;
  readonly outcome: Outcome;
  readonly hypotheses: readonly HypothesisOutcome[];
  readonly metrics: Metrics;
  readonly alerts: readonly MeasuredEpisode[];
  readonly probes: readonly ProbeSummary[];
}

/** What was learned, worst first, each with the action somebody could take. Drafts: people decide. */
export function draftFindings(facts: FindingFacts): readonly Finding[] {
  const order = { high: 0, medium: 1, low: 2 };
  return [
    ...ofSafety(facts),
    ...ofHypotheses(facts),
    ...ofReplacements(facts),
    ...ofAlerts(facts),
    ...ofPeople(facts),
    ...ofData(facts),
  ].toSorted((a, b) => order[a.severity] - order[b.severity]);
}

function ofSafety({ outcome, input }: FindingFacts): Finding[] {
  if (outcome.cleanup === 'clean') return [];
  const unsure = input.injections
    .filter(({ status }) => status === null || !['reverted', 'spent', 'lifted', 'refused'].includes(status.phase))
    .map(({ spec }) => `${spec.fault} on ${spec.target.name}`);
  return [
    {
      severity: 'high',
      category: 'safety',
      text: `It is not verified that every fault is gone${unsure.length > 0 ? `: ${unsure.join(', ')}` : ''}.`,
      draftAction: `Look at the targets now, ${cleanupAdvice(input.plan.environment)}, and start no other run here before.`,
    },
  ];
}

/** What a check that is broken did, by its kind. */
const failedBy: Readonly<Record<HypothesisCheck['kind'], string>> = {
  hold: 'did not stay good',
  recoverWithin: 'was not good again in time',
  invariant: 'was violated',
  eventHappens: 'did not happen',
  eventWithin: 'did not happen in time',
};

function ofHypotheses({ hypotheses, input }: FindingFacts): Finding[] {
  return hypotheses.flatMap((hypothesis) =>
    hypothesis.checks
      .filter((check) => check.result === 'broken')
      .map((check) => ({
        severity: 'high' as const,
        category: 'resilience' as const,
        text: `"${hypothesis.statement}" does not hold under ${faultsOf(input)}: ${check.name}: ${check.note}.`,
        draftAction: `Find out why ${check.name} ${failedBy[check.kind]} under ${faultsOf(input)}${hypothesis.slo === null ? '' : ` (SLO ${hypothesis.slo})`}, mend it, then run ${input.plan.experiment.name} again.`,
      })),
  );
}

/** Slow is a finding, and never a fault that is left: what was killed is not ours to bring back. */
function ofReplacements({ input }: FindingFacts): Finding[] {
  return input.timeline
    .filter(({ kind }) => kind === 'run.not-replaced')
    .map(({ text }) => ({
      severity: 'high',
      category: 'resilience',
      text: `${text}.`,
      draftAction: 'Find out what should start it again, and why it did not.',
    }));
}

function ofAlerts({ alerts, input }: FindingFacts): Finding[] {
  return [...ofDeadUpstreams(input), ...alerts.flatMap(({ episode }) => alertFinding(input, episode) ?? [])];
}

/** A part that watches or tells and is dead itself: nobody would have been told of a real fault either. */
function ofDeadUpstreams(input: MeasurementInput): Finding[] {
  const { prometheusUrl } = input.plan.environment;
  const dead = [
    ...(input.unanswered.includes(prometheusUrl)
      ? [{ what: `Prometheus at ${prometheusUrl}`, lost: 'alerts were not measured' }]
      : []),
    ...deadAlertmanagers(input).map((url) => ({ what: `Alertmanager at ${url}`, lost: 'notifications were not measured' })),
  ];
  return dead.map(({ what, lost }) => ({
    severity: 'high',
    category: 'monitoring',
    text: `${what} did not answer when the run had ended: ${lost}.`,
    draftAction: `Find out why ${what} was not there, and run again when it is.`,
  }));
}

function alertFinding(input: MeasurementInput, { alertname, class: alertClass, labels }: AlertEpisode): Finding | null {
  const category = 'monitoring';
  const rule = ruleOf(input.rules, labels);
  switch (alertClass) {
    case 'missed':
      return rule === undefined
        ? {
            severity: 'high',
            category,
            text: `The expected alert ${alertname} is not loaded in Prometheus.`,
            draftAction: `Load a rule ${alertname}, or correct its name in the experiment.`,
          }
        : {
            severity: 'high',
            category,
            text: `The expected alert ${alertname} did not fire.`,
            draftAction: `Check why \`${rule.query}\` did not see this fault, lower its threshold or its \`for\`, and run again.`,
          };
    case 'undetectable-by-design':
      return {
        severity: 'medium',
        category,
        text: `${alertname} could not fire: it needs ${rule === undefined ? 'more time' : `at least ${floorSecondsOf(rule)} s`}, and the fault was gone before.`,
        draftAction: `Shorten the \`for\` of ${alertname}, or hold the fault longer.`,
      };
    case 'late':
      return {
        severity: 'medium',
        category,
        text: `${alertname} fired later than wanted.`,
        draftAction: `Shorten the window or the \`for\` of ${alertname}, or accept the later time in the experiment.`,
      };
    case 'suppressed':
      return {
        severity: 'high',
        category,
        text: `${alertname} fired, but no notification was delivered before the run ended.`,
        draftAction: `Check silences, inhibitions, the route of ${alertname} in Alertmanager, and how long its \`group_wait\` is.`,
      };
    case 'wrong-severity':
      return {
        severity: 'medium',
        category,
        text: `${alertname} fired with severity ${labels['severity'] ?? 'none'}, another than expected.`,
        draftAction: `Correct the severity of ${alertname} in its rule or in the experiment.`,
      };
    case 'pre-existing':
    case 'primed':
      return {
        severity: 'medium',
        category,
        text: `${alertname} was already ${alertClass === 'primed' ? 'pending' : 'firing'} before the fault.`,
        draftAction: `Find out why ${alertname} is active in quiet times, and run again when it is not.`,
      };
    case 'unexpected':
      return {
        severity: 'low',
        category,
        text: `${alertname} fired and was not expected.`,
        draftAction: `Add ${alertname} to the expected alerts if this fault causes it; else tune the rule.`,
      };
    case 'true-positive':
    case 'censored':
      return null;
  }
}

function ofPeople({ metrics }: FindingFacts): Finding[] {
  if (metrics.tta.status !== 'unacked') return [];
  return [
    {
      severity: 'low',
      category: 'process',
      text: 'A notification was delivered and nobody acknowledged it.',
      draftAction: 'Check who was on call and how they are reached; in a rehearsal, acknowledge with `firedrill ack`.',
    },
  ];
}

function ofData({ input, metrics, probes }: FindingFacts): Finding[] {
  const cannotBeBad = unseenBadSides(input)
    .filter(({ unknown }) => unknown)
    .map(({ probe, text }): Finding => ({
      severity: 'medium',
      category: 'monitoring',
      text: `${text}: as it is written, it may never be bad.`,
      draftAction: `Correct the selector of ${probe}'s bad side, or make it fail once on purpose and see it count.`,
    }));
  const blind = probes
    .filter((probe) => probe.samples > 0 && probe.coverage < neededCoverage)
    .map((probe): Finding => ({
      severity: 'medium',
      category: 'monitoring',
      text: `${probe.name} gave a usable value in only ${Math.round(probe.coverage * 100)} % of ${probe.samples} samples.`,
      draftAction: `Look at the notes of its unknown samples; widen the window of its query or raise the traffic.`,
    }));
  const unrestored: Finding[] =
    metrics.ttr.status === 'not-restored'
      ? [
          {
            severity: 'high',
            category: 'resilience',
            text: 'Steady state did not come back within the time the plan allows.',
            draftAction: 'Find out what stayed broken after the fault was gone, and make it recover by itself.',
          },
        ]
      : [];
  return [...unrestored, ...cannotBeBad, ...blind];
}

function faultsOf(input: MeasurementInput): string {
  return [...new Set(input.plan.steps.map((step) => `${step.fault} on ${step.target.service}`))].join(' and ');
}

import type { PlannedHypothesis, PlannedProbe } from '../domain/plan/plan.ts';
import { windowSecondsOf } from '../probes/query-window.ts';
import type { Experiment } from '../spec/experiment.ts';
import type { Hypothesis } from '../spec/hypothesis.ts';

/** Abort probes keep their names; a check's probe is `<hypothesis>.<check>`. */
export function plannedProbes(experiment: Experiment, hypotheses: readonly Hypothesis[]): PlannedProbe[] {
  const aborts = experiment.abort.map((probe): PlannedProbe => ({
    ...probe,
    windowSeconds: windowSecondsOf(probe.source),
    roles: ['abort'],
  }));
  const checks = hypotheses.flatMap((hypothesis) =>
    hypothesis.checks.map((check): PlannedProbe => ({
      ...check.probe,
      windowSeconds: windowSecondsOf(check.probe.source),
      name: probeName(hypothesis, check),
      // An event is not there before the fault: it can be no part of the baseline, nor of recovery.
      roles: check.kind === 'eventHappens' || check.kind === 'eventWithin' ? [] : ['steady-state'],
    })),
  );
  return [...aborts, ...checks];
}

export function plannedHypotheses(hypotheses: readonly Hypothesis[]): PlannedHypothesis[] {
  return hypotheses.map((hypothesis) => ({
    name: hypothesis.name,
    statement: hypothesis.statement,
    slo: hypothesis.slo,
    checks: hypothesis.checks.map((check) => ({
      name: check.name,
      kind: check.kind,
      probe: probeName(hypothesis, check),
      withinSeconds: check.withinSeconds,
    })),
  }));
}

function probeName(hypothesis: { name: string }, check: { name: string }): string {
  return `${hypothesis.name}.${check.name}`;
}

import { agentClocksOf, onWorkersClock } from './agent-clocks.ts';
import { measureAlerts } from './alert-episodes.ts';
import { earliest } from './bounds.ts';
import { measureClocks } from './clocks.ts';
import { dataQualityOf } from './data-quality.ts';
import { faultTimesOf } from './fault-times.ts';
import { draftFindings } from './findings.ts';
import { measureHypothesis } from './hypotheses.ts';
import type { MeasurementInput } from './input.ts';
import { measureMetrics } from './metrics.ts';
import { mitigatedBy } from './mitigation.ts';
import { nextStepOf } from './next-step.ts';
import { measureOutcome } from './outcome.ts';
import { summarizeProbe } from './probe-summary.ts';
import { measureSafety } from './safety.ts';
import { judgedProbes, judgeSli } from './sli.ts';
import { mergeTimeline } from './timeline.ts';
import type { RunRecord } from '../run-record.ts';

/** Everything a run says about itself, computed from what was gathered. The same input gives the same record. */
export function buildRunRecord(given: MeasurementInput): RunRecord {
  const agentClocks = agentClocksOf(given);
  const input = onWorkersClock(given, agentClocks);
  const { plan } = input;
  const times = faultTimesOf(input, agentClocks);
  const slis = judgedProbes(input).map((probe) => judgeSli(input, probe, times));
  const impact = earliest(slis.flatMap((sli) => (sli.impact === null ? [] : [sli.impact])));
  const alerts = measureAlerts(input, times, impact);
  const clocks = measureClocks(input, times, slis, alerts);
  const metrics = measureMetrics({ input, clocks, times, alerts, slis });
  const hypotheses = plan.hypotheses.map((hypothesis) => measureHypothesis(input, times, hypothesis));
  const probes = plan.probes.map((probe) => summarizeProbe(input, times, probe));
  const outcome = measureOutcome(input, hypotheses, mitigatedBy(input, clocks, times));
  const findings = draftFindings({ input, outcome, hypotheses, metrics, alerts, probes });

  return {
    schemaVersion: 1,
    run: {
      id: input.runId,
      experiment: plan.experiment.name,
      environment: plan.environment.name,
      planHash: plan.hash,
      startedAt: input.startedAt,
      endedAt: input.endedAt,
      seed: plan.seed,
      firedrillVersion: input.version,
    },
    outcome,
    clocks,
    metrics,
    safety: measureSafety(input, times),
    plan,
    guards: input.guards,
    hypotheses,
    probes,
    alerts: alerts.map(({ episode }) => episode),
    injections: input.injections,
    findings,
    timeline: mergeTimeline(input, alerts),
    samples: input.samples,
    dataQuality: dataQualityOf({ input, times, slis, agentClocks }),
    nextStep: nextStepOf(input, outcome, findings),
  };
}

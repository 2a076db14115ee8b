import { join } from 'node:path';
import { gatherMeasurements } from '../../src/activities/gather-measurements.ts';
import type { RunFacts } from '../../src/activities/run-facts.ts';
import { createConnector } from '../../src/compose/connections.ts';
import type { InjectionSpec, InjectionStatus } from '../../src/domain/injection/records.ts';
import { buildRunRecord } from '../../src/domain/measure/build-record.ts';
import { injectionIdOf } from '../../src/domain/plan/plan.ts';
import type { Plan, PlannedInjection } from '../../src/domain/plan/plan.ts';
import type { Metric, TimelineEvent } from '../../src/domain/run-record.ts';
import { systemClock } from '../../src/ports/clock.ts';

/** A run's fault was verified at this moment, and this alert was expected. Unix ms. */
export interface Fault {
  readonly name: string;
  readonly at: number;
  readonly alertname: string;
}

/** What the product says of the time to detect, from what Prometheus has stored until now, and what was told of its alerts. */
export async function measureDetection(
  { prometheusUrl, directory }: { readonly prometheusUrl: string; readonly directory: string },
  fault: Fault,
  told: readonly TimelineEvent[],
): Promise<Metric> {
  const facts = factsOf(planOf(prometheusUrl, directory, fault), fault);
  const connections = createConnector(null).connect(facts.plan.environment);
  for (const event of told) await connections.archive.appendTimeline(fault.name, event);
  const input = await gatherMeasurements({ clock: systemClock, version: 'bench' }, connections, facts);
  return buildRunRecord(input).metrics.ttd;
}

const step: PlannedInjection = {
  step: 1,
  ordinal: 1,
  stage: 1,
  fault: 'hook',
  params: {},
  target: { kind: 'process', service: 'inputs', name: 'input', uid: 'input', locator: {} },
  selection: { selected: 1, of: 1, percent: 100, rule: '1 of 1' },
};

function planOf(prometheusUrl: string, directory: string, { name, alertname }: Fault): Plan {
  return {
    schemaVersion: 1,
    experiment: { name, title: name },
    environment: {
      name: 'bench',
      platform: 'host',
      prometheusUrl,
      alertmanagerUrls: [],
      receiverUrl: null,
      stateDirectory: join(directory, 'state'),
      archiveDirectory: join(directory, 'runs'),
    },
    scope: { in: [], out: [] },
    seed: 0,
    steps: [step],
    holdSeconds: 60,
    leaseSeconds: 15,
    baselineSeconds: 1,
    recovery: { stableSeconds: 1, timeoutSeconds: 30 },
    graceSeconds: 0,
    hypotheses: [],
    probes: [],
    expectedAlerts: [{ alertname, labels: {}, severity: null, withinSeconds: 60 }],
    hash: name,
  };
}

function factsOf(plan: Plan, { name, at }: Fault): RunFacts {
  const began = new Date(at).toISOString();
  const ended = new Date().toISOString();
  const id = injectionIdOf(name, step);
  const spec: InjectionSpec = {
    schemaVersion: 1,
    id,
    runId: name,
    environment: plan.environment.name,
    stage: 1,
    fault: step.fault,
    params: {},
    target: step.target,
    deadline: ended,
    leaseSeconds: plan.leaseSeconds,
  };
  const status: InjectionStatus = {
    schemaVersion: 1,
    id,
    runId: name,
    phase: 'reverted',
    lastAbsentAt: began,
    activeAt: began,
    verifiedAt: began,
    revertStartedAt: ended,
    revertedAt: ended,
    revertVerifiedAt: ended,
  };
  return {
    runId: name,
    plan,
    startedAt: began,
    endedAt: ended,
    guards: [],
    specs: [spec],
    statuses: [status],
    unrecorded: [],
    end: { ending: 'completed', reason: 'held', abortedBy: null },
  };
}

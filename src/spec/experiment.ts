import { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';
import type { ExpectedAlert, Plan } from '../domain/plan/plan.ts';
import { apiVersion, metadata, name } from './metadata.ts';
import { checkProbe, probeFields, probeSettings } from './probe.ts';
import type { ProbeSettings } from './probe.ts';
import { duration, positiveDuration } from '../quantities.ts';
import { target } from './target.ts';
import type { ExperimentTarget } from './target.ts';
import { uniqueNames } from './unique-names.ts';

const fault = z.strictObject({
  fault: name.describe('the name of a fault'),
  target,
  params: z.record(z.string(), z.json()).default({}).describe('the fault’s own parameters'),
});

const abortProbe = z
  .strictObject({ name, ...probeFields })
  .superRefine(checkProbe)
  .transform((probe) => ({ name: probe.name, ...probeSettings(probe) }));

const expectedAlert = z
  .strictObject({
    alert: z.string().min(1).describe('the alert’s name'),
    severity: z.string().min(1).exactOptional(),
    within: positiveDuration,
    labels: z.record(z.string(), z.string()).default({}),
  })
  .transform(({ alert, severity, within, labels }) => ({
    alertname: alert,
    severity: severity ?? null,
    withinSeconds: within,
    labels,
  }));

const missingAbort = 'at least one abort probe: without one nothing can stop the run when users suffer';

export const experiment = z
  .strictObject({
    apiVersion,
    kind: z.literal('Experiment'),
    metadata,
    spec: z.strictObject({
      scope: z
        .strictObject({ in: z.array(z.string()).default([]), out: z.array(z.string()).default([]) })
        .default({ in: [], out: [] }),
      hypotheses: z.array(name).min(1).describe('names of hypotheses, at least one'),
      hold: positiveDuration,
      lease: duration.refine((seconds) => seconds >= 1 && seconds <= 60, { message: 'must be from 1s to 60s' }).default(15),
      baseline: positiveDuration.default(30),
      recovery: z
        .strictObject({ stable: positiveDuration.default(30), timeout: positiveDuration.default(300) })
        .default({ stable: 30, timeout: 300 }),
      grace: duration.default(30),
      stageHold: positiveDuration.default(60).describe('how long each stage is watched before the next one is released'),
      faults: z.array(fault).min(1).describe('at least one fault'),
      order: z
        .enum(['together', 'in-turn'])
        .default('together')
        .describe('in-turn: each fault is a further stage, and the last one ends first'),
      abort: z
        .array(z.strictObject({ probe: abortProbe }))
        .min(1)
        .superRefine((aborts, context) => {
          uniqueNames(
            aborts.map(({ probe }) => probe),
            {
              addIssue: (issue) => context.addIssue({ ...issue, path: [issue.path[0] ?? 0, 'probe', 'name'] }),
            },
          );
        })
        .describe(missingAbort),
      expectedAlerts: z.array(expectedAlert).default([]),
    }),
  })
  .transform(({ metadata, spec }): Experiment => ({
    kind: 'Experiment',
    name: metadata.name,
    title: metadata.title ?? metadata.name,
    scope: spec.scope,
    hypotheses: spec.hypotheses,
    holdSeconds: spec.hold,
    leaseSeconds: spec.lease,
    baselineSeconds: spec.baseline,
    recovery: { stableSeconds: spec.recovery.stable, timeoutSeconds: spec.recovery.timeout },
    graceSeconds: spec.grace,
    stageSeconds: spec.stageHold,
    faults: spec.faults,
    order: spec.order,
    abort: spec.abort.map(({ probe }) => probe),
    expectedAlerts: spec.expectedAlerts,
  }));

export interface Experiment extends Pick<
  Plan,
  'scope' | 'holdSeconds' | 'leaseSeconds' | 'baselineSeconds' | 'recovery' | 'graceSeconds'
> {
  readonly kind: 'Experiment';
  readonly name: string;
  readonly title: string;
  readonly hypotheses: readonly string[];
  readonly stageSeconds: number;
  readonly order: 'together' | 'in-turn';
  readonly faults: readonly { readonly fault: string; readonly target: ExperimentTarget; readonly params: JsonObject }[];
  readonly abort: readonly ({ readonly name: string } & ProbeSettings)[];
  readonly expectedAlerts: readonly ExpectedAlert[];
}

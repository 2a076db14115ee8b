import { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';
import type { ExpectedAlert, Plan } from '../domain/plan/plan.ts';
import type { Selector } from '../domain/plan/selector.ts';
import { apiVersion, metadata, name, partName } from './metadata.ts';
import { checkProbe, probeFields, probeSettings } from './probe.ts';
import type { ProbeSettings } from './probe.ts';
import { duration, percent, positiveDuration } from '../quantities.ts';
import { uniqueNames } from './unique-names.ts';

const target = z
  .strictObject({
    service: partName,
    to: partName.exactOptional(),
    volume: partName.exactOptional(),
    postgres: partName.exactOptional(),
    count: z.int().min(1).exactOptional().describe('how many members, from 1'),
    percent: percent.refine((ratio) => ratio > 0, { message: 'must be more than 0%' }).exactOptional(),
    allowAll: z.boolean().default(false).describe('true to permit every member of the service at once'),
  })
  .superRefine((target, context) => {
    const kinds = (['to', 'volume', 'postgres'] as const).filter((key) => target[key] !== undefined);
    const amounts = (['count', 'percent'] as const).filter((key) => target[key] !== undefined);
    const given = [...kinds, ...amounts];
    if (kinds.length > 1 || amounts.length > 1 || (kinds.length > 0 && amounts.length > 0)) {
      context.addIssue({
        code: 'custom',
        message: `${given.join(' and ')} do not go together. Write one of to, volume, postgres, count and percent`,
      });
    }
  })
  .transform(({ service, to, volume, postgres, count, percent, allowAll }): ExperimentTarget => ({
    selector:
      to !== undefined
        ? { kind: 'link', service, to }
        : volume !== undefined
          ? { kind: 'volume', service, volume }
          : postgres !== undefined
            ? { kind: 'postgres', service, postgres }
            : { kind: 'member', service },
    amount: percent === undefined ? { count: count ?? 1 } : { ratio: percent },
    allowAll,
  }));

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
      faults: z.array(fault).min(1).describe('at least one fault'),
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
    faults: spec.faults,
    abort: spec.abort.map(({ probe }) => probe),
    expectedAlerts: spec.expectedAlerts,
  }));

export interface ExperimentTarget {
  readonly selector: Selector;
  /** How many of the candidates: a number, or a ratio (rounded down, at least 1). */
  readonly amount: { readonly count: number } | { readonly ratio: number };
  readonly allowAll: boolean;
}

export interface Experiment extends Pick<
  Plan,
  'scope' | 'holdSeconds' | 'leaseSeconds' | 'baselineSeconds' | 'recovery' | 'graceSeconds'
> {
  readonly kind: 'Experiment';
  readonly name: string;
  readonly title: string;
  readonly hypotheses: readonly string[];
  readonly faults: readonly { readonly fault: string; readonly target: ExperimentTarget; readonly params: JsonObject }[];
  readonly abort: readonly ({ readonly name: string } & ProbeSettings)[];
  readonly expectedAlerts: readonly ExpectedAlert[];
}

import { z } from 'zod';
import type { HypothesisCheck } from '../domain/plan/plan.ts';
import { apiVersion, metadata, name } from './metadata.ts';
import { checkProbe, probeFields, probeSettings } from './probe.ts';
import type { ProbeSettings } from './probe.ts';
import { positiveDuration } from '../quantities.ts';
import { uniqueNames } from './unique-names.ts';

const timed: readonly HypothesisCheck['kind'][] = ['recoverWithin', 'eventWithin'];

const hypothesisCheck = z
  .strictObject({
    name,
    kind: z.enum(['hold', 'recoverWithin', 'invariant', 'eventHappens', 'eventWithin']),
    within: positiveDuration.exactOptional(),
    ...probeFields,
  })
  .superRefine((check, context) => {
    checkProbe(check, context);
    const needsTime = timed.includes(check.kind);
    if (needsTime && check.within === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['within'],
        message: `is missing. A ${check.kind} check needs a duration, such as 30s`,
      });
    }
    if (!needsTime && check.within !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['within'],
        message: `is only for ${timed.join(' and ')}, not for ${check.kind}`,
      });
    }
  });

export const hypothesis = z
  .strictObject({
    apiVersion,
    kind: z.literal('Hypothesis'),
    metadata,
    spec: z.strictObject({
      statement: z.string().min(1).describe('one sentence that can turn out false'),
      slo: name.exactOptional(),
      checks: z
        .array(hypothesisCheck)
        .min(1)
        .superRefine((checks, context) => {
          if (!checks.some(({ userJourney, http }) => userJourney || http !== undefined)) {
            context.addIssue({
              code: 'custom',
              message:
                'no check is seen from the user’s side. Add one with http, or with a metric that clients count and userJourney: true',
            });
          }
          uniqueNames(checks, context);
        })
        .describe('at least one check'),
    }),
  })
  .transform(({ metadata, spec }) => ({
    kind: 'Hypothesis' as const,
    name: metadata.name,
    statement: spec.statement,
    slo: spec.slo ?? null,
    checks: spec.checks.map((check) => ({
      name: check.name,
      kind: check.kind,
      withinSeconds: check.within ?? null,
      probe: probeSettings(check),
    })),
  }));

export interface Hypothesis {
  readonly kind: 'Hypothesis';
  readonly name: string;
  readonly statement: string;
  readonly slo: string | null;
  readonly checks: readonly (Omit<HypothesisCheck, 'probe'> & { readonly probe: ProbeSettings })[];
}

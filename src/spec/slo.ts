import { z } from 'zod';
import { name } from './metadata.ts';
import { promql } from './promql.ts';
import { written } from '../quantities.ts';
import { uniqueNames } from './unique-names.ts';

/** OpenSLO's own duration shorthand: one whole number and one unit. */
const windowDuration = written((text) => {
  const days = { d: 1, w: 7 }[/^[1-9]\d*([dw])$/.exec(text)?.[1] ?? ''];
  if (days === undefined) throw new Error(`"${text}" is not a window. Write whole days or weeks, such as 28d or 4w`);
  return Number.parseInt(text, 10) * days * 86_400;
}, 'whole days or weeks, such as 28d or 4w');

const metric = z.strictObject({
  metricSource: z.strictObject({ type: z.literal('Prometheus'), spec: z.strictObject({ query: promql }) }),
});

const ratioMetric = z
  .strictObject({ counter: z.literal(true), good: metric.exactOptional(), bad: metric.exactOptional(), total: metric })
  .superRefine((ratio, context) => {
    if ((ratio.good === undefined) === (ratio.bad === undefined)) {
      context.addIssue({ code: 'custom', message: 'a ratioMetric has exactly one of good and bad' });
    }
  });

/** The part of OpenSLO v1 that we can measure: one ratio of counters, one rolling window, occurrences. */
export const slo = z
  .strictObject({
    apiVersion: z.literal('openslo/v1'),
    kind: z.literal('SLO'),
    metadata: z.strictObject({ name, displayName: z.string().exactOptional() }),
    spec: z.strictObject({
      description: z.string().exactOptional(),
      service: z.string().min(1),
      indicator: z.strictObject({ metadata: z.strictObject({ name }), spec: z.strictObject({ ratioMetric }) }),
      timeWindow: z
        .array(z.strictObject({ duration: windowDuration, isRolling: z.literal(true) }))
        .length(1)
        .describe('one rolling window'),
      budgetingMethod: z.literal('Occurrences'),
      objectives: z
        .array(
          z
            .strictObject({
              displayName: z.string().min(1),
              target: z.number().gt(0).lt(1).describe('between 0 and 1, such as 0.999'),
            })
            .transform(({ displayName, target }) => ({ name: displayName, targetRatio: target })),
        )
        .min(1)
        .superRefine(uniqueNames)
        .describe('a list of objectives'),
    }),
  })
  .transform(({ metadata, spec }) => ({
    kind: 'SLO' as const,
    name: metadata.name,
    service: spec.service,
    ratio: {
      good: spec.indicator.spec.ratioMetric.good?.metricSource.spec.query ?? null,
      bad: spec.indicator.spec.ratioMetric.bad?.metricSource.spec.query ?? null,
      total: spec.indicator.spec.ratioMetric.total.metricSource.spec.query,
    },
    windowSeconds: spec.timeWindow[0]?.duration ?? 0,
    objectives: spec.objectives,
  }));

export type Slo = z.infer<typeof slo>;

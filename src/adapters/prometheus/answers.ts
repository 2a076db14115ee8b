import { z } from 'zod';
import type { AlertRule, MetricMetadata, RecordingRule, Series } from '../../ports/metrics.ts';

/** Prometheus writes numbers as text, and writes `NaN`, `+Inf` and `-Inf` too. */
const sampleValue = z.string().transform((text) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)));
const point = z.tuple([z.number(), sampleValue]);
const labels = z.record(z.string(), z.string());

const data = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('vector'), result: z.array(z.object({ metric: labels, value: point.optional() })) }),
  z.object({ resultType: z.literal('matrix'), result: z.array(z.object({ metric: labels, values: z.array(point).optional() })) }),
  z.object({ resultType: z.literal('scalar'), result: point }),
]);

export const queryAnswer = z.object({ status: z.literal('success'), data, warnings: z.array(z.string()).default([]) });
export const namesAnswer = z.object({ status: z.literal('success'), data: z.array(z.string()) });
export const rulesAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    groups: z.array(
      z.object({
        interval: z.number(),
        rules: z.array(
          z.object({
            type: z.string(),
            name: z.string(),
            query: z.string(),
            duration: z.number().default(0),
            health: z.string(),
            labels: labels.default({}),
          }),
        ),
      }),
    ),
  }),
});

export const metadataAnswer = z.object({
  status: z.literal('success'),
  data: z.record(
    z.string(),
    z.array(z.object({ type: z.string().default(''), unit: z.string().default(''), help: z.string().default('') })),
  ),
});
export const alertmanagersAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ activeAlertmanagers: z.array(z.object({ url: z.string() })) }),
});

export const alertsAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    alerts: z.array(
      z.object({
        labels,
        state: z.enum(['pending', 'firing']),
        activeAt: z.string().transform((text) => new Date(text).toISOString()),
      }),
    ),
  }),
});

/** A series that holds histograms has no `values` and is left out: it is no number. */
export function seriesOf(answer: z.infer<typeof data>): readonly Series[] {
  switch (answer.resultType) {
    case 'scalar':
      return [{ labels: {}, points: [answer.result] }];
    case 'vector':
      return answer.result.flatMap(({ metric, value }) => (value === undefined ? [] : [{ labels: metric, points: [value] }]));
    case 'matrix':
      return answer.result.flatMap(({ metric, values }) => (values === undefined ? [] : [{ labels: metric, points: values }]));
  }
}

export function rulesOf(answer: z.infer<typeof rulesAnswer>): readonly AlertRule[] {
  return answer.data.groups.flatMap((group) =>
    group.rules
      .filter((rule) => rule.type === 'alerting')
      .map((rule) => ({
        name: rule.name,
        query: rule.query,
        forSeconds: rule.duration,
        intervalSeconds: group.interval,
        health: rule.health,
        labels: rule.labels,
      })),
  );
}

export function recordingRulesOf(answer: z.infer<typeof rulesAnswer>): readonly RecordingRule[] {
  return answer.data.groups.flatMap((group) =>
    group.rules.filter((rule) => rule.type === 'recording').map(({ name, query, labels }) => ({ name, query, labels })),
  );
}

/** Targets may differ in what they say; the first that says anything is taken. */
export function metadataOf(answer: z.infer<typeof metadataAnswer>, metric: string): MetricMetadata | null {
  return answer.data[metric]?.[0] ?? null;
}

/** Prometheus tells where it posts to; the base is what comes before the path of the API. */
export function alertmanagersOf(answer: z.infer<typeof alertmanagersAnswer>): readonly string[] {
  return answer.data.activeAlertmanagers.map(({ url }) => url.replace(/\/api\/v\d+\/alerts$/, ''));
}

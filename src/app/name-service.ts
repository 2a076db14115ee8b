import { AppError } from '../domain/errors.ts';
import { metricShapes } from '../planning/discovery/metric-shapes.ts';
import { serviceLabels } from '../planning/discovery/selection.ts';
import type { Selection } from '../planning/discovery/selection.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import { didYouMean } from '../spec/did-you-mean.ts';
import type { DiscoveryDeps, Survey } from './survey-service.ts';

/** What is shown of a list that may be long. */
const shown = 12;
/** Labels whose values are too many, or never a service. */
const neverServices: readonly string[] = ['__name__', 'le', 'quantile', 'instance', 'path', 'uri', 'url', 'id', 'uid', 'pod'];

/** The matchers to try: as they were given, or one for each label that has the name as a value, the likeliest first. */
export async function selectionsFor(selection: Selection, metrics: MetricsSource): Promise<readonly string[]> {
  const { name } = selection;
  if (selection.kind === 'matchers')
    return isThere(`{${selection.matchers}}`, metrics).then((is) => (is ? [selection.matchers] : []));
  const there = await metrics.labelNames();
  const known = serviceLabels.filter((label) => there.includes(label));
  const having = async (labels: readonly string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const label of labels) {
      const matchers = `${label}=${JSON.stringify(name)}`;
      if (await isThere(`{${matchers}}`, metrics)) found.push(matchers);
    }
    return found;
  };
  const likely = await having(known);
  return likely.length > 0 ? likely : having(there.filter((label) => !known.includes(label) && !neverServices.includes(label)));
}

/** The error for a selection that fits no series. */
export async function nothingThere(selection: Selection, { metrics, prometheusUrl }: DiscoveryDeps): Promise<AppError> {
  const there = await metrics.labelNames();
  const labels = serviceLabels.filter((label) => there.includes(label));
  const values = await Promise.all(labels.map(async (label) => ({ label, values: await metrics.labelValues(label) })));
  const wanted = selection.kind === 'name' ? `a label with the value "${selection.name}"` : `{${selection.matchers}}`;
  const near = didYouMean(selection.name, [...new Set(values.flatMap((each) => each.values))]);
  const others = there.filter((label) => !labels.includes(label) && !neverServices.includes(label));
  const lines = [
    ...values.map((each) => `  ${each.label}: ${some(each.values)}`),
    ...(others.length === 0 ? [] : [`  other labels: ${some(others)}`]),
  ];
  return new AppError(
    'target/none',
    [
      `no series of the last hour has ${wanted} in Prometheus at ${prometheusUrl}.${near} Services there, by label:`,
      ...(labels.length === 0 ? [`  none of ${serviceLabels.join(', ')}`] : []),
      ...lines,
      'Give one of them to --selector, or matchers such as \'service="payments-api"\'',
    ].join('\n'),
  );
}

/** The error for a service without a metric that a probe could read. */
export function nothingUsable(surveys: readonly Survey[], prometheusUrl: string): AppError {
  const found = surveys.map(({ matchers, metrics, leftOut }) =>
    [
      `  {${matchers}}: ${metrics.length} metrics, nearest: ${some(metrics.toSorted((a, b) => likeness(b) - likeness(a)))}`,
      ...leftOut.map(({ metric, why }) => `    ${metric}: ${why}`),
    ].join('\n'),
  );
  const examples = [
    'http_requests_total{code}',
    'grpc_server_handled_total{grpc_code}',
    'http_server_request_duration_seconds_count',
  ];
  return new AppError(
    'target/none',
    [
      `no metric in Prometheus at ${prometheusUrl} says now how requests end or how long they take. Found:`,
      ...found,
      `Looked for: counters of requests with a label for how they ended (such as ${examples.join(', ')}), and classic histograms of their latency (${metricShapes.length} conventions known).`,
      'Send it some traffic, add such a metric, or write an http probe by hand (`firedrill init` is only a beginning)',
    ].join('\n'),
  );
}

async function isThere(selector: string, metrics: MetricsSource): Promise<boolean> {
  return (await metrics.metricNames(selector)).length > 0;
}

/** How much a name sounds like requests. */
function likeness(metric: string): number {
  return metric.match(/request|response|http|rpc|error|fail|duration|latency|seconds_bucket|total/g)?.length ?? 0;
}

function some(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.slice(0, shown).join(', ') + (names.length > shown ? `, and ${names.length - shown} more` : '');
}

import type { ProbeSource } from '../../domain/plan/plan.ts';
import type { MetricMetadata, RecordingRule } from '../../ports/metrics.ts';
import type { Candidate } from './candidates.ts';
import { failureOf } from './failure-labels.ts';
import { unitOf } from './latency.ts';
import { failureCounters } from './metric-shapes.ts';
import type { View } from './metric-shapes.ts';
import { narrowed } from './selection.ts';

/** What Prometheus says of one candidate. */
export interface Observed extends Candidate {
  /** Values, by name, of the labels that recognition knows. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  readonly metadata: MetricMetadata | null;
}

/** What surrounds the candidates. */
export interface Surroundings {
  readonly matchers: string;
  readonly metrics: readonly string[];
  /** The service's own instances, by its `up`. */
  readonly instances: readonly string[];
  readonly windowSeconds: number;
}

interface Frame {
  readonly metric: string;
  readonly view: View;
  /** Where it was found and how it was understood, for a comment. */
  readonly because: string;
  readonly source: ProbeSource;
}

/** Bad events over all events, with the plain counters behind them; null where only their ratio is recorded. */
export interface ErrorsProposal extends Frame {
  readonly measures: 'errors';
  readonly counters: { readonly bad: string; readonly total: string } | null;
}

/** A quantile in seconds, and the finite bounds (in seconds) at which it is exact. */
export interface LatencyProposal extends Frame {
  readonly measures: 'latency';
  readonly bounds: readonly number[];
}

export type Proposal = ErrorsProposal | LatencyProposal;

/** What a run could ask of this metric; a text is why it cannot. */
export function proposalOf(observed: Observed, around: Surroundings): Proposal | string {
  const outgoing = outgoingProblem(observed, around);
  if (outgoing !== null) return outgoing;
  return observed.measures === 'errors' ? errorsOf(observed, around) : latencyOf(observed, around);
}

/** An error ratio that a rule records, for a service whose counters are not there. null when by its name it is something else. */
export function recordedOf({ name, query }: RecordingRule, matchers: string): ErrorsProposal | null {
  if (!/(err|errors?|fail|failed|failures?)_?:?(ratio|share|fraction)/.test(name)) return null;
  return {
    measures: 'errors',
    metric: name,
    view: 'server',
    because: `${name}, recorded as ${query.replace(/\s+/g, ' ').trim()}`,
    source: { type: 'prometheus', query: `max(${narrowed(name, matchers)})` },
    counters: null,
  };
}

/** `rate` needs two samples; four scrapes leave room for two lost ones. Never shorter than 5 s. */
export function windowFor(scrapeSeconds: number): number {
  return Math.max(5, Math.ceil(4 * scrapeSeconds));
}

/** A client that runs inside the service counts what the service asks of others, not what is asked of it. */
function outgoingProblem({ shape, labels }: Observed, { instances }: Surroundings): string | null {
  if (shape.view !== 'client') return null;
  const counters = labels['instance'] ?? [];
  if (instances.length === 0 || counters.length === 0)
    return 'it is not known whose requests this client counts: there is no up of the service';
  return counters.some((instance) => instances.includes(instance)) ? 'counts what the service asks of others' : null;
}

function errorsOf(
  { metric, shape, labels }: Observed,
  { matchers, metrics, windowSeconds }: Surroundings,
): ErrorsProposal | string {
  const total = narrowed(metric, onceOf(shape, labels, matchers));
  const failure = failureOf(labels);
  const failed = failure === null ? failureCounterOf(metric, metrics) : null;
  if (failure === null && failed === null)
    return 'no label says how a request ended, and no counter of failures stands beside it';
  const bad = failure === null ? narrowed(failed ?? '', matchers) : narrowed(total, failure.matcher);
  const means = failure === null ? `failed: counted in ${failed}` : `failed: ${failure.means}`;
  const rate = (selector: string): string => `sum(rate(${selector}[${windowSeconds}s]))`;
  return {
    measures: 'errors',
    metric,
    view: shape.view,
    because: `${metric}, as ${shape.from} writes it; ${means}`,
    source: { type: 'prometheus-ratio', bad: rate(bad), total: rate(total) },
    counters: { bad: `sum(${bad})`, total: `sum(${total})` },
  };
}

function latencyOf(observed: Observed, { matchers, windowSeconds }: Surroundings): LatencyProposal | string {
  const { metric, shape, labels, metadata } = observed;
  const unit = unitOf(metric, shape, metadata);
  if (unit === null) return 'neither its name nor its metadata says whether it is in seconds or milliseconds';
  const selector = narrowed(metric, onceOf(shape, labels, matchers));
  const quantile = `histogram_quantile(0.99, sum by (le) (rate(${selector}[${windowSeconds}s])))`;
  return {
    measures: 'latency',
    metric,
    view: shape.view,
    because: `${metric}, as ${shape.from} writes it; in ${unit.perSecond === 1 ? 'seconds' : 'milliseconds'} by ${unit.knownFrom}`,
    source: { type: 'prometheus', query: unit.perSecond === 1 ? quantile : `${quantile} / ${unit.perSecond}` },
    bounds: (labels['le'] ?? []).map((bound) => Number(bound) / unit.perSecond).filter(Number.isFinite),
  };
}

function onceOf({ once }: Observed['shape'], labels: Observed['labels'], matchers: string): string {
  return once !== undefined && labels[once.label]?.includes(once.value) === true
    ? `${matchers},${once.label}="${once.value}"`
    : matchers;
}

function failureCounterOf(metric: string, metrics: readonly string[]): string | null {
  const names = failureCounters.flatMap(({ all, failed }) =>
    all.test(metric) ? failed.map((ending) => metric.replace(all, ending)) : [],
  );
  return names.find((name) => metrics.includes(name)) ?? null;
}

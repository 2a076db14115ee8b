import type { Reading } from '../domain/measure/sample.ts';
import type { PlannedProbe } from '../domain/plan/plan.ts';
import { candidatesOf } from '../planning/discovery/candidates.ts';
import type { Candidate, LeftOut } from '../planning/discovery/candidates.ts';
import type { Discovery, Working, WorkingLatency } from '../planning/discovery/discovery.ts';
import { failureLabels } from '../planning/discovery/failure-labels.ts';
import { boundAbove } from '../planning/discovery/latency.ts';
import { proposalOf, recordedOf, windowFor } from '../planning/discovery/proposals.ts';
import type { ErrorsProposal, Observed, Proposal, Surroundings } from '../planning/discovery/proposals.ts';
import { narrowed } from '../planning/discovery/selection.ts';
import type { Selection } from '../planning/discovery/selection.ts';
import { windowSecondsOf } from '../probes/query-window.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import { findRules } from './find-rules.ts';
import { nothingThere, nothingUsable, selectionsFor } from './name-service.ts';
import { unlessRefused } from './unless-refused.ts';

export interface DiscoveryDeps {
  readonly prometheusUrl: string;
  readonly metrics: MetricsSource;
  /** As in a run. */
  readonly read: (probe: PlannedProbe, signal: AbortSignal) => Promise<Reading>;
}

/** Beyond these many metrics of one kind the better ones have been seen. */
const mostAsked = 8;
const timeoutSeconds = 10;

/**
 * What there is of a service in a Prometheus, and which probes on it give data now. A bare name is looked for in every label;
 * the label with the best probes wins. Errors: `target/none` with what was looked for and what is there; as the port.
 */
export async function discoverService(selection: Selection, deps: DiscoveryDeps): Promise<Discovery> {
  const asked = await selectionsFor(selection, deps.metrics);
  const surveys: Survey[] = [];
  for (const matchers of asked) surveys.push(await survey(matchers, deps));
  const best = surveys.toSorted((a, b) => worth(b) - worth(a))[0];
  if (best === undefined) throw await nothingThere(selection, deps);
  if (worth(best) === 0) throw nothingUsable(surveys, deps.prometheusUrl);
  const read = [...best.errors.map(({ metric }) => metric), ...(best.latency === null ? [] : [best.latency.metric])];
  const unknown: LeftOut[] = [];
  const orNone = <T>(what: string, asked: Promise<T>, none: T): Promise<T> =>
    unlessRefused(asked, (why) => {
      unknown.push({ metric: what, why });
      return none;
    });
  const about = { matchers: best.matchers, metrics: best.metrics, read };
  const [rules, alertmanagers] = await Promise.all([
    orNone('rules', findRules(about, deps.metrics), { alerts: [], recordings: [] }),
    orNone('Alertmanagers', deps.metrics.alertmanagers(), []),
  ]);
  const { metrics, ...found } = best;
  return {
    ...found,
    ...rules,
    prometheusUrl: deps.prometheusUrl,
    service: selection.name,
    leftOut: [...best.leftOut, ...unknown],
    metricCount: metrics.length,
    alertmanagers: [...new Set(alertmanagers)],
  };
}

export interface Survey extends Pick<
  Discovery,
  'matchers' | 'scrapeSeconds' | 'windowSeconds' | 'errors' | 'latency' | 'leftOut' | 'instances'
> {
  readonly metrics: readonly string[];
}

async function survey(matchers: string, deps: DiscoveryDeps): Promise<Survey> {
  const { metrics: source } = deps;
  const metrics = await source.metricNames(`{${matchers}}`);
  const { candidates, leftOut } = candidatesOf(metrics);
  const instances = await instancesOf(candidates, matchers, source);
  const recorded = (await unlessRefused(source.recordingRules(), () => [])).filter(({ name }) => metrics.includes(name));
  const scrapeSeconds = await scrapeIntervalOf(candidates[0]?.metric ?? recorded[0]?.name ?? 'up', matchers, source);
  const around: Surroundings = { matchers, metrics, instances, windowSeconds: windowFor(scrapeSeconds) };
  const refused: LeftOut[] = [...leftOut];
  const errors: Working<ErrorsProposal>[] = [];
  const latencies: WorkingLatency[] = [];
  for (const measures of ['errors', 'latency'] as const) {
    for (const candidate of candidates.filter((each) => each.measures === measures).slice(0, mostAsked)) {
      const proposal = proposalOf(await observe(candidate, matchers, source), around);
      const now = typeof proposal === 'string' ? proposal : await valueNow(proposal, scrapeSeconds, deps);
      const { metric } = candidate;
      if (typeof proposal === 'string' || typeof now === 'string') {
        refused.push({ metric, why: String(now) });
      } else if (proposal.measures === 'errors') {
        errors.push({ ...proposal, now });
      } else {
        const limitSeconds = boundAbove(now, proposal.bounds);
        if (limitSeconds === null) refused.push({ metric, why: `no bucket leaves its p99 of ${now} s room to grow` });
        else latencies.push({ ...proposal, now, limitSeconds });
      }
    }
  }
  // What is recorded lags behind its counters: it is taken only where these are not there.
  const ratios = errors.length > 0 ? [] : recorded.map((rule) => recordedOf(rule, matchers)).filter((each) => each !== null);
  for (const proposal of ratios) {
    const now = await valueNow(proposal, scrapeSeconds, deps);
    if (typeof now === 'string') refused.push({ metric: proposal.metric, why: now });
    else errors.push({ ...proposal, now });
  }
  const outside = errors.find(({ view }) => view !== 'server');
  const inside = errors.find(({ view }) => view === 'server');
  return {
    matchers,
    metrics,
    scrapeSeconds,
    windowSeconds: around.windowSeconds,
    errors: [outside, inside].filter((each) => each !== undefined),
    latency: latencies[0] ?? null,
    leftOut: refused,
    instances: instances.toSorted(),
  };
}

/** By what Prometheus scrapes; where only the metrics themselves carry the label, by who counts the service's own. */
async function instancesOf(
  candidates: readonly Candidate[],
  matchers: string,
  source: MetricsSource,
): Promise<readonly string[]> {
  const scraped = await source.labelValues('instance', narrowed('up', matchers));
  const own = candidates.find(({ shape }) => shape.view === 'server');
  return scraped.length > 0 || own === undefined ? scraped : source.labelValues('instance', narrowed(own.metric, matchers));
}

async function observe(candidate: Candidate, matchers: string, source: MetricsSource): Promise<Observed> {
  const selector = narrowed(candidate.metric, matchers);
  const wanted = [
    ...failureLabels,
    'le',
    'instance',
    ...(candidate.shape.once === undefined ? [] : [candidate.shape.once.label]),
  ];
  const there = (await source.labelNames(selector)).filter((label) => wanted.includes(label));
  const labels = await Promise.all(there.map(async (label) => [label, await source.labelValues(label, selector)] as const));
  const family = candidate.metric.replace(/_(bucket|count|total)$/, '');
  const metadata = await unlessRefused(source.metadata(family), () => null);
  return { ...candidate, labels: Object.fromEntries(labels), metadata };
}

/** What a run would read now; a text is why it would read nothing. */
async function valueNow(proposal: Proposal, scrapeSeconds: number, { read }: DiscoveryDeps): Promise<number | string> {
  const probe: PlannedProbe = {
    name: proposal.metric,
    roles: [],
    source: proposal.source,
    comparator: '<',
    threshold: 1,
    unit: proposal.measures === 'errors' ? 'ratio' : 'seconds',
    intervalSeconds: 2 * timeoutSeconds,
    timeoutSeconds,
    maxAgeSeconds: 3 * scrapeSeconds,
    windowSeconds: windowSecondsOf(proposal.source),
    minEvents: 1,
    breach: { n: 1, m: 1 },
    hardLimit: null,
    holdAfterSeconds: timeoutSeconds,
    abortAfterSeconds: timeoutSeconds,
    userJourney: false,
  };
  const { value, problem } = await read(probe, AbortSignal.timeout(2 * timeoutSeconds * 1000));
  if (problem !== null) return problem.note;
  if (value === null || Number.isNaN(value)) return 'there is no traffic on it now';
  return value;
}

/** The usual distance between stored samples. Whole seconds, at least 1; 15 when fewer than two samples are there yet. */
async function scrapeIntervalOf(metric: string, matchers: string, source: MetricsSource): Promise<number> {
  const now = Date.now() / 1000;
  for (const seconds of [60, 300]) {
    const series = await source.raw(narrowed(metric, matchers), seconds, now);
    const gaps = series.flatMap(({ points }) => points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at)));
    const middle = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
    if (middle !== undefined) return Math.max(1, Math.round(middle));
  }
  return 15;
}

/** Users' own view counts most, then any errors, then latency. */
function worth({ errors, latency }: Survey): number {
  const outside = errors.some(({ view }) => view !== 'server');
  return (outside ? 4 : 0) + (errors.length > 0 ? 2 : 0) + (latency === null ? 0 : 1);
}

import { candidatesOf } from '../planning/discovery/candidates.ts';
import type { Candidate, LeftOut } from '../planning/discovery/candidates.ts';
import type { Discovery, Working, WorkingLatency } from '../planning/discovery/discovery.ts';
import { failureLabels } from '../planning/discovery/failure-labels.ts';
import { boundAbove } from '../planning/discovery/latency.ts';
import { proposalOf, recordedOf, windowFor } from '../planning/discovery/proposals.ts';
import type { ErrorsProposal, Observed, Proposal, Surroundings } from '../planning/discovery/proposals.ts';
import { narrowed } from '../planning/discovery/selection.ts';
import type { MetricsSource } from '../ports/metrics.ts';
import { scrapeIntervalOf, valueNow } from './ask-now.ts';
import type { Read } from './ask-now.ts';
import { unlessRefused } from './unless-refused.ts';

export interface DiscoveryDeps {
  readonly prometheusUrl: string;
  readonly metrics: MetricsSource;
  readonly read: Read;
}

/** What the metrics of one selection offer. */
export interface Survey extends Pick<
  Discovery,
  'matchers' | 'scrapeSeconds' | 'windowSeconds' | 'errors' | 'latency' | 'leftOut' | 'instances'
> {
  readonly metrics: readonly string[];
}

/** Beyond these many metrics of one kind the better ones have been seen. */
const mostAsked = 8;

/** Looks at the metrics that the matchers fit, and asks each probe that they offer. */
export async function surveyService(matchers: string, { metrics: source, read }: DiscoveryDeps): Promise<Survey> {
  const metrics = await source.metricNames(`{${matchers}}`);
  const { candidates, leftOut } = candidatesOf(metrics);
  const instances = await instancesOf(candidates, matchers, source);
  const recorded = (await unlessRefused(source.recordingRules(), () => [])).filter(({ name }) => metrics.includes(name));
  const scrapeSeconds = await scrapeIntervalOf(candidates[0]?.metric ?? recorded[0]?.name ?? 'up', matchers, source);
  const around: Surroundings = { matchers, metrics, instances, windowSeconds: windowFor(scrapeSeconds) };

  const refused: LeftOut[] = [...leftOut];
  const errors: Working<ErrorsProposal>[] = [];
  const latencies: WorkingLatency[] = [];
  const offer = async (metric: string, proposal: Proposal | string): Promise<void> => {
    const now = typeof proposal === 'string' ? proposal : await valueNow(proposal, scrapeSeconds, read);
    if (typeof proposal === 'string' || typeof now === 'string') {
      refused.push({ metric, why: String(now) });
    } else if (proposal.measures === 'errors') {
      errors.push({ ...proposal, now });
    } else {
      const limitSeconds = boundAbove(now, proposal.bounds);
      if (limitSeconds === null) refused.push({ metric, why: `no bucket leaves its p99 of ${now} s room to double` });
      else latencies.push({ ...proposal, now, limitSeconds });
    }
  };

  for (const measures of ['errors', 'latency'] as const) {
    for (const candidate of candidates.filter((each) => each.measures === measures).slice(0, mostAsked)) {
      await offer(candidate.metric, proposalOf(await observe(candidate, matchers, source), around));
    }
  }
  // What is recorded lags behind its counters: it is taken only where these are not there.
  for (const rule of errors.length > 0 ? [] : recorded) {
    const proposal = recordedOf(rule, matchers);
    if (proposal !== null) await offer(rule.name, proposal);
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

/** Of the labels of a candidate only those that recognition knows: the others may have any number of values. */
async function observe(candidate: Candidate, matchers: string, source: MetricsSource): Promise<Observed> {
  const selector = narrowed(candidate.metric, matchers);
  const { once } = candidate.shape;
  const wanted = [...failureLabels, 'le', 'instance', ...(once === undefined ? [] : [once.label])];
  const there = (await source.labelNames(selector)).filter((label) => wanted.includes(label));
  const labels = await Promise.all(there.map(async (label) => [label, await source.labelValues(label, selector)] as const));
  const family = candidate.metric.replace(/_(bucket|count|total)$/, '');
  const metadata = await unlessRefused(source.metadata(family), () => null);
  return { ...candidate, labels: Object.fromEntries(labels), metadata };
}

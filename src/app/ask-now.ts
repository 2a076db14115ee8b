import type { Reading } from '../domain/measure/sample.ts';
import type { PlannedProbe } from '../domain/plan/plan.ts';
import type { Proposal } from '../planning/discovery/proposals.ts';
import { narrowed } from '../planning/discovery/selection.ts';
import { windowSecondsOf } from '../probes/query-window.ts';
import type { MetricsSource } from '../ports/metrics.ts';

/** One reading, as in a run. */
export type Read = (probe: PlannedProbe, signal: AbortSignal) => Promise<Reading>;

const timeoutSeconds = 10;
/** Prometheus's own example, where fewer than two samples are stored yet. */
const unknownScrapeSeconds = 15;

/** What a run would read now; a text is why it would read nothing. */
export async function valueNow(proposal: Proposal, scrapeSeconds: number, read: Read): Promise<number | string> {
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

/** The usual distance between stored samples, in whole seconds, at least 1. */
export async function scrapeIntervalOf(metric: string, matchers: string, source: MetricsSource): Promise<number> {
  const now = Date.now() / 1000;
  for (const seconds of [60, 300]) {
    const series = await source.raw(narrowed(metric, matchers), seconds, now);
    const gaps = series.flatMap(({ points }) => points.slice(1).map(([at], index) => at - (points[index]?.[0] ?? at)));
    const middle = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)];
    if (middle !== undefined) return Math.max(1, Math.round(middle));
  }
  return unknownScrapeSeconds;
}

import { messageOf } from '../domain/errors.ts';
import type { ClockOffset, MeasurementInput, RawSeries, RawSli } from '../domain/measure/input.ts';
import { rawSelectorsOf } from '../probes/raw-selectors.ts';
import { isoOf } from '../ports/clock.ts';
import type { ActivityDeps, Connections } from './connections.ts';
import type { RunFacts } from './run-facts.ts';

/** The bounds of a run in Prometheus are widened by this, so that the last good interval before T0 is there too. */
const marginSeconds = 15;

/**
 * Fetches raw samples around the run. What cannot be fetched is left empty and said on the timeline: the run's numbers then
 * say `not measured`, never zero.
 */
export async function gatherMeasurements(
  deps: Pick<ActivityDeps, 'clock' | 'version'>,
  connections: Connections,
  facts: RunFacts,
): Promise<MeasurementInput> {
  const { runId, plan, specs, statuses } = facts;
  const { archive, metrics } = connections;
  const problems: string[] = [];
  const unanswered = new Set<string>();
  const orEmpty = async <T>(what: string, fetch: () => Promise<T>, empty: T, upstream?: string): Promise<T> => {
    try {
      return await fetch();
    } catch (error) {
      problems.push(`${what} could not be fetched: ${messageOf(error)}`);
      if (upstream !== undefined) unanswered.add(upstream);
      return empty;
    }
  };
  const now = deps.clock.now() / 1000;
  const window = Math.ceil(now - Date.parse(facts.startedAt) / 1000) + marginSeconds;
  const prometheus = plan.environment.prometheusUrl;
  const raw = (selector: string, upstream?: string) =>
    orEmpty<readonly RawSeries[] | null>(`raw samples of ${selector}`, () => metrics.raw(selector, window, now), null, upstream);

  const [alertSeries, rules, clockOffsets, rawSli, deliveries, timeline, samples] = await Promise.all([
    Promise.all([raw('ALERTS', prometheus), raw('ALERTS_FOR_STATE', prometheus)]).then((pair) =>
      pair.flatMap((series) => series ?? []),
    ),
    orEmpty('alert rules', () => metrics.alertRules(), [], prometheus),
    offsetsOf(connections, prometheus, orEmpty),
    rawSliOf(facts, raw),
    archive.readDeliveries(facts.startedAt, isoOf(deps.clock)),
    archive.readTimeline(runId),
    archive.readSamples(runId),
  ]);

  return {
    runId,
    version: deps.version,
    startedAt: facts.startedAt,
    endedAt: facts.endedAt,
    plan,
    guards: facts.guards,
    ending: facts.end,
    injections: specs.map((spec) => ({ spec, status: statuses.find((status) => status.id === spec.id) ?? null })),
    timeline: [
      ...timeline,
      ...problems.map((text) => ({ at: isoOf(deps.clock), source: 'run' as const, kind: 'run.not-measured', text })),
    ],
    samples,
    rawSli,
    alertSeries,
    deliveries,
    rules,
    unanswered: [...unanswered],
    clockOffsets,
    scrapeIntervalSeconds: scrapeIntervalOf(rawSli),
  };
}

/** One half that could not be fetched would read as zero: then the probe is judged by its samples. */
async function rawSliOf({ plan }: RunFacts, raw: (selector: string) => Promise<readonly RawSeries[] | null>): Promise<RawSli[]> {
  // All at once: an upstream that answers nothing costs one timeout, however many probes there are.
  const slis = await Promise.all(
    plan.probes.map(async (probe): Promise<RawSli | null> => {
      const selectors = probe.userJourney ? rawSelectorsOf(probe.source) : null;
      if (selectors === null) return null;
      const { kind } = selectors;
      if (kind === 'quantile') {
        const buckets = await raw(selectors.buckets);
        return buckets && { kind, probe: probe.name, quantile: selectors.quantile, buckets };
      }
      const [bad, total] = await Promise.all([raw(selectors.bad), raw(selectors.total)]);
      return bad && total && { kind, probe: probe.name, bad, total };
    }),
  );
  return slis.filter((sli) => sli !== null);
}

async function offsetsOf(
  { metrics, alerts }: Connections,
  prometheusUrl: string,
  orEmpty: <T>(what: string, fetch: () => Promise<T>, empty: T, upstream?: string) => Promise<T>,
): Promise<ClockOffset[]> {
  const all = await Promise.all([
    orEmpty("Prometheus's clock", async () => [{ upstream: prometheusUrl, ...(await metrics.clockOffset()) }], []),
    ...alerts.map((source) =>
      orEmpty("Alertmanager's clock", async () => [{ upstream: source.url, ...(await source.clockOffset()) }], [], source.url),
    ),
  ]);
  return all.flat();
}

/** The median distance of stored samples: what the scrape interval was, not what a file says it should be. */
function scrapeIntervalOf(slis: readonly RawSli[]): number | null {
  const gaps = slis
    .flatMap((sli) => (sli.kind === 'ratio' ? sli.total : sli.buckets))
    .flatMap(({ points }) => points.slice(1).map(([at], index) => at - points[index]![0]))
    .sort((a, b) => a - b);
  const middle = gaps[Math.floor(gaps.length / 2)];
  return middle === undefined ? null : Math.round(middle * 1000) / 1000;
}

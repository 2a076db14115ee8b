import type { Bounds } from './bounds.ts';
import { between, corrected, msOf, offsetOf } from './bounds.ts';
import { satisfies } from './comparator.ts';
import type { MeasurementInput, RawSeries, RawSli } from './input.ts';
import { isDecided } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';

/** One stretch of an indicator that could be judged, on our clock. Stretches without data or events do not appear. */
export interface SliInterval {
  readonly from: Bounds;
  readonly to: Bounds;
  readonly good: boolean;
}

export interface SliJudgement {
  readonly probe: string;
  readonly source: string;
  /** What the probe's query smears over: it widens the lower bounds of impact and recovery. 0 for raw counters. */
  readonly windowSeconds: number;
  readonly intervals: readonly SliInterval[];
  readonly impact: Bounds | null;
  /** null when there was no impact, or no stable recovery in what was seen. */
  readonly recovered: Bounds | null;
}

/** The most a gap in the data may last before "still good" cannot be said any more. */
const largestGapMs = 15_000;

/** Judges one probe after T0: from its raw counters where they were fetched, else from its samples. */
export function judgeSli(input: MeasurementInput, probe: PlannedProbe, t0: Bounds | null): SliJudgement {
  const raw = input.rawSli.find((sli) => sli.probe === probe.name);
  const fromRaw = raw === undefined ? [] : rawIntervals(input, probe, raw);
  const intervals = withoutNoise(fromRaw.length > 0 ? fromRaw : sampleIntervals(input, probe), Math.min(2, probe.breach.n));
  const windowSeconds = fromRaw.length > 0 ? 0 : (probe.windowSeconds ?? 0);
  const impact = t0 === null ? null : impactOf(intervals, t0, windowSeconds * 1000);
  const stableMs = input.plan.recovery.stableSeconds * 1000;
  const recovered = impact === null ? null : recoveredOf(intervals, impact, stableMs, windowSeconds * 1000);
  return {
    probe: probe.name,
    source: `${fromRaw.length > 0 ? 'raw counters' : 'samples'} of ${probe.name}`,
    windowSeconds,
    intervals,
    impact,
    recovered,
  };
}

/**
 * One bad interval between good ones is noise: a single scrape holds few events. It is dropped, not
 * taken for good; `least` in a row count.
 */
function withoutNoise(intervals: readonly SliInterval[], least: number): readonly SliInterval[] {
  let run: SliInterval[] = [];
  const kept: SliInterval[] = [];
  for (const interval of intervals) {
    if (!interval.good) {
      run.push(interval);
      if (run.length === least) kept.push(...run);
      else if (run.length > least) kept.push(interval);
      continue;
    }
    run = [];
    kept.push(interval);
  }
  return kept;
}

/**
 * The first bad interval that ends after the fault could have begun. A value over a window turns bad only when enough of the
 * window is: what turned it may lie a window back.
 */
function impactOf(intervals: readonly SliInterval[], t0: Bounds, windowMs: number): Bounds | null {
  const first = intervals.find((interval) => !interval.good && interval.to.at > t0.lo);
  if (first === undefined) return null;
  const { from, to } = first;
  return { at: to.at, lo: Math.max(from.lo - windowMs, Math.min(t0.lo, to.at)), hi: to.hi };
}

/**
 * The first good interval from which on everything seen stays good for the stability window, without gaps. A value over a
 * window stays bad until the last bad event has left it: users may have been well a window earlier.
 */
function recoveredOf(intervals: readonly SliInterval[], impact: Bounds, stableMs: number, windowMs: number): Bounds | null {
  const after = intervals.filter((interval) => interval.to.at > impact.at);
  let start: SliInterval | null = null;
  let last = 0;
  for (const interval of after) {
    if (!interval.good) {
      start = null;
      continue;
    }
    if (start === null || interval.from.at - last > largestGapMs) start = interval;
    last = interval.to.at;
    if (last - start.from.at < stableMs) continue;
    return { at: start.to.at, lo: Math.max(start.from.lo - windowMs, Math.min(impact.lo, start.to.at)), hi: start.to.hi };
  }
  return null;
}

/** Ratio by scrape: increases of stored counters between neighbouring samples, binned by the scrape interval. */
function rawIntervals(input: MeasurementInput, probe: PlannedProbe, raw: RawSli): readonly SliInterval[] {
  const width = (input.scrapeIntervalSeconds ?? 15) * 1000;
  const offset = offsetOf(input.clockOffsets, input.plan.environment.prometheusUrl);
  const begin = Math.min(...raw.total.map((series) => series.points[0]?.[0] ?? Infinity)) * 1000;
  const bins = new Map<number, { bad: number; total: number; from: number; to: number }>();
  const count = (series: readonly RawSeries[], field: 'bad' | 'total') => {
    for (const { from, to, increase } of series.flatMap((one) => increasesOf(one, begin, width))) {
      const key = Math.floor(to / width);
      const bin = bins.get(key) ?? { bad: 0, total: 0, from, to };
      bin[field] += increase;
      bins.set(key, { ...bin, from: Math.min(bin.from, from), to: Math.max(bin.to, to) });
    }
  };
  count(raw.total, 'total');
  count(raw.bad, 'bad');
  return [...bins.entries()]
    .filter(([, bin]) => bin.total > 0)
    .sort(([a], [b]) => a - b)
    .map(([, bin]) => ({
      from: corrected(between(bin.from, bin.from), offset),
      to: corrected(between(bin.to, bin.to), offset),
      good: satisfies(bin.bad / bin.total, probe.comparator, probe.threshold),
    }));
}

/** A counter that went down was reset: its new value is the increase. One born during the run began at zero. */
function increasesOf(series: RawSeries, beginMs: number, width: number) {
  return series.points.flatMap(([seconds, value], index) => {
    const to = seconds * 1000;
    const before = series.points[index - 1];
    if (before === undefined) return to > beginMs + 2 * width ? [{ from: to - width, to, increase: value }] : [];
    return [{ from: before[0] * 1000, to, increase: value >= before[1] ? value - before[1] : value }];
  });
}

function sampleIntervals(input: MeasurementInput, probe: PlannedProbe): readonly SliInterval[] {
  const samples = input.samples.filter((sample) => sample.probe === probe.name).toSorted((a, b) => msOf(a.at) - msOf(b.at));
  return samples.flatMap((sample, index) => {
    if (!isDecided(sample)) return [];
    const to = msOf(sample.at);
    const from = msOf(samples[index - 1]?.at ?? sample.at);
    return [{ from: between(from, from), to: between(to, to), good: sample.class === 'good' }];
  });
}

/** The probes whose users are hurt: the user journeys, or every steady-state probe when the plan names none. */
export function judgedProbes(input: MeasurementInput): readonly PlannedProbe[] {
  const journeys = input.plan.probes.filter((probe) => probe.userJourney);
  return journeys.length > 0 ? journeys : input.plan.probes.filter((probe) => probe.roles.includes('steady-state'));
}

import type { Bounds } from './bounds.ts';
import { exactly, msOf } from './bounds.ts';
import type { MeasurementInput } from './input.ts';
import { rawIntervals } from './raw-intervals.ts';
import type { SliInterval } from './raw-intervals.ts';
import { isDecided } from './sample.ts';
import type { PlannedProbe } from '../plan/plan.ts';

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
  const impact = t0 === null ? null : impactOf(intervals, t0);
  const stableMs = input.plan.recovery.stableSeconds * 1000;
  const recovered = impact === null ? null : recoveredOf(intervals, impact, stableMs);
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
 * The first bad interval that ends after the fault could have begun. A good one before it may hold the first bad events, too
 * few to turn it: they lie no further back than what it counts.
 */
function impactOf(intervals: readonly SliInterval[], t0: Bounds): Bounds | null {
  const index = intervals.findIndex((interval) => !interval.good && interval.to.at > t0.lo);
  const first = intervals[index];
  if (first === undefined) return null;
  const since = Math.min(first.countsFrom, intervals[index - 1]?.countsFrom ?? Infinity);
  return { at: first.to.at, lo: Math.max(since, Math.min(t0.lo, first.to.at)), hi: first.to.hi };
}

/**
 * The first good interval from which on everything seen stays good for the stability window, without gaps. The last bad one
 * before it may have been bad only in what it counts first.
 */
function recoveredOf(intervals: readonly SliInterval[], impact: Bounds, stableMs: number): Bounds | null {
  let start: SliInterval | null = null;
  let lastBad = impact.lo;
  let last = 0;
  for (const interval of intervals.filter(({ to }) => to.at >= impact.at)) {
    if (!interval.good) {
      start = null;
      lastBad = interval.countsFrom;
      continue;
    }
    if (start === null || interval.from.at - last > largestGapMs) start = interval;
    last = interval.to.at;
    if (last - start.from.at < stableMs) continue;
    return { at: start.to.at, lo: Math.max(lastBad, impact.lo), hi: start.to.hi };
  }
  return null;
}

function sampleIntervals(input: MeasurementInput, probe: PlannedProbe): readonly SliInterval[] {
  const samples = input.samples.filter((sample) => sample.probe === probe.name).toSorted((a, b) => msOf(a.at) - msOf(b.at));
  return samples.flatMap((sample, index) => {
    if (!isDecided(sample)) return [];
    const to = msOf(sample.at);
    const from = msOf(samples[index - 1]?.at ?? sample.at);
    const countsFrom = to - (probe.windowSeconds ?? 0) * 1000;
    return [{ from: exactly(from), to: exactly(to), countsFrom, good: sample.class === 'good' }];
  });
}

/** The probes whose users are hurt: the user journeys, or every steady-state probe when the plan names none. */
export function judgedProbes(input: MeasurementInput): readonly PlannedProbe[] {
  const journeys = input.plan.probes.filter((probe) => probe.userJourney);
  return journeys.length > 0 ? journeys : input.plan.probes.filter((probe) => probe.roles.includes('steady-state'));
}

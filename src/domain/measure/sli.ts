import type { Bounds } from './bounds.ts';
import { exactly, msOf } from './bounds.ts';
import { neededCoverage } from './coverage.ts';
import type { FaultTimes } from './fault-times.ts';
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
  /** Whether enough of the time the fault was on could be judged to say that nobody was hurt. */
  readonly seen: boolean;
  /** It was bad as the fault began: what came after is not told apart from what was there. */
  readonly hurtBefore: boolean;
  readonly impact: Bounds | null;
  /** null when there was no impact, or no stable recovery in what was seen. */
  readonly recovered: Bounds | null;
}

/** The most a gap in the data may last before "still good" cannot be said any more, unless scrapes are that far apart. */
const largestGapMs = 15_000;

/** A bad interval as long as this is no noise, though it is the only one. */
const noiseMs = 10_000;

/** How many of its usual lengths an interval may vouch for: what lies further back was not seen. */
const vouchedLengths = 2;

/** Judges one probe after T0: from its raw counters where they were fetched, else from its samples. */
export function judgeSli(input: MeasurementInput, probe: PlannedProbe, { t0, revertStarted }: FaultTimes): SliJudgement {
  const raw = input.rawSli.find((sli) => sli.probe === probe.name);
  const fromRaw = raw === undefined ? [] : rawIntervals(input, probe, raw);
  const fromSamples = sampleIntervals(input, probe);
  const rawMs = (input.scrapeIntervalSeconds ?? 15) * 1000;
  const sampleMs = probe.intervalSeconds * 1000;
  const wasOn = t0 === null ? null : { from: t0.at, to: revertStarted ?? t0.at + input.plan.holdSeconds * 1000 };
  const rawShare = wasOn === null ? 0 : vouchedShare(fromRaw, wasOn, rawMs);
  const sampleShare = wasOn === null ? 0 : vouchedShare(fromSamples, wasOn, sampleMs);
  // Raw counters are exact; but where they were lost while the fault was on, the samples may have seen more.
  const isRaw = fromRaw.length > 0 && (rawShare >= neededCoverage || rawShare >= sampleShare);
  const usualMs = isRaw ? rawMs : sampleMs;
  const intervals = withoutNoise(isRaw ? fromRaw : fromSamples, Math.min(2, probe.breach.n), usualMs);
  const windowSeconds = isRaw ? 0 : (probe.windowSeconds ?? 0);
  const hurtBefore = t0 !== null && wasBadBefore(intervals, t0);
  const impact = t0 === null || hurtBefore ? null : impactOf(intervals, t0);
  const stableMs = input.plan.recovery.stableSeconds * 1000;
  const recovered = impact === null ? null : recoveredOf(intervals, impact, { stableMs, usualMs });
  return {
    probe: probe.name,
    source: `${isRaw ? 'raw counters' : 'samples'} of ${probe.name}`,
    windowSeconds,
    seen: Math.max(rawShare, sampleShare) >= neededCoverage,
    hurtBefore,
    impact,
    recovered,
  };
}

/** How much of a stretch of time the intervals vouch for, 0..1. */
function vouchedShare(intervals: readonly SliInterval[], { from, to }: { from: number; to: number }, usualMs: number): number {
  let until = from;
  let vouched = 0;
  for (const interval of intervals) {
    const end = Math.min(interval.to.at, to);
    vouched += Math.max(0, end - Math.max(until, vouchedFrom(interval, usualMs)));
    until = Math.max(until, end);
  }
  return to > from ? vouched / (to - from) : 0;
}

function vouchedFrom({ from, to }: SliInterval, usualMs: number): number {
  return Math.max(from.at, to.at - vouchedLengths * usualMs);
}

/**
 * One short bad interval between good ones is noise: a single scrape holds few events. It is dropped, not
 * taken for good; `least` in a row count.
 */
function withoutNoise(intervals: readonly SliInterval[], least: number, usualMs: number): readonly SliInterval[] {
  let waiting: SliInterval[] = [];
  let counts = false;
  const kept: SliInterval[] = [];
  for (const interval of intervals) {
    if (interval.good) {
      [waiting, counts] = [[], false];
      kept.push(interval);
      continue;
    }
    waiting.push(interval);
    counts ||= waiting.length >= least || interval.to.at - vouchedFrom(waiting[0]!, usualMs) >= noiseMs;
    if (counts) kept.push(...waiting.splice(0));
  }
  return kept;
}

function wasBadBefore(intervals: readonly SliInterval[], t0: Bounds): boolean {
  return intervals.findLast(({ to }) => to.hi <= t0.lo)?.good === false;
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
function recoveredOf(
  intervals: readonly SliInterval[],
  impact: Bounds,
  { stableMs, usualMs }: { readonly stableMs: number; readonly usualMs: number },
): Bounds | null {
  const gapMs = Math.max(Math.min(largestGapMs, stableMs / 2), 3 * usualMs);
  let start: SliInterval | null = null;
  let lastBad = impact.lo;
  let last = 0;
  for (const interval of intervals.filter(({ to }) => to.at >= impact.at)) {
    if (!interval.good) {
      start = null;
      lastBad = interval.countsFrom;
      continue;
    }
    if (start === null || vouchedFrom(interval, usualMs) - last > gapMs) start = interval;
    last = interval.to.at;
    if (last - vouchedFrom(start, usualMs) < stableMs) continue;
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

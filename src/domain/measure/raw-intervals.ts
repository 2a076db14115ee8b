import type { Bounds } from './bounds.ts';
import { corrected, exactly, offsetOf } from './bounds.ts';
import { satisfies } from './comparator.ts';
import { histogramQuantile } from './histogram-quantile.ts';
import type { MeasurementInput, RawSeries, RawSli } from './input.ts';
import type { PlannedProbe } from '../plan/plan.ts';

/** One stretch of an indicator that could be judged, on our clock. Stretches without data or events do not appear. */
export interface SliInterval {
  readonly from: Bounds;
  readonly to: Bounds;
  /** From when on events count in it: the scrape before it, or as far back as a query looks. Unix ms. */
  readonly countsFrom: number;
  readonly good: boolean;
}

/** What was counted between two scrapes, by part: `bad` and `total`, or the upper bounds of a histogram. Unix ms. */
interface Bin {
  readonly from: number;
  readonly to: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** The value of each scrape interval by itself, from the increases of stored counters: no rate window smears it. */
export function rawIntervals(input: MeasurementInput, probe: PlannedProbe, raw: RawSli): readonly SliInterval[] {
  const offset = offsetOf(input.clockOffsets, input.plan.environment.prometheusUrl);
  return binsOf(partsOf(raw), (input.scrapeIntervalSeconds ?? 15) * 1000).flatMap((bin) => {
    const good = isGood(raw, probe, bin.counts);
    if (good === null) return [];
    const from = corrected(exactly(bin.from), offset);
    const to = corrected(exactly(bin.to), offset);
    return [{ from, to, countsFrom: from.lo, good }];
  });
}

function partsOf(raw: RawSli): ReadonlyMap<string, readonly RawSeries[]> {
  if (raw.kind === 'quantile') return Map.groupBy(raw.buckets, ({ labels }) => labels['le'] ?? '');
  return new Map([
    ['total', raw.total],
    ['bad', raw.bad],
  ]);
}

/** null: nothing happened in the interval, or nothing that can be counted, so nothing is said of it. */
function isGood(raw: RawSli, probe: PlannedProbe, counts: ReadonlyMap<string, number>): boolean | null {
  const fits = (value: number) => satisfies(value, probe.comparator, probe.threshold);
  if (raw.kind === 'quantile') {
    const buckets = [...counts].map(([le, count]) => ({ le: boundOf(le), count }));
    const quantile = histogramQuantile(raw.quantile, buckets);
    if (quantile === null) return null;
    const good = fits(quantile.value);
    // Anything above the highest bound: only a limit that tells none of that apart can judge it.
    return quantile.beyond && good !== fits(Infinity) ? null : good;
  }
  const ratio = (counts.get('bad') ?? 0) / (counts.get('total') ?? 0);
  return Number.isFinite(ratio) && ratio >= 0 ? fits(ratio) : null;
}

function boundOf(le: string): number {
  if (le === '+Inf') return Infinity;
  return le === '' ? Number.NaN : Number(le);
}

function binsOf(parts: ReadonlyMap<string, readonly RawSeries[]>, width: number): readonly Bin[] {
  const begin = Math.min(...[...parts.values()].flat().map((series) => series.points[0]?.[0] ?? Infinity)) * 1000;
  const bins = new Map<number, Bin>();
  for (const [part, all] of parts) {
    for (const { from, to, increase } of all.flatMap((series) => increasesOf(series, begin, width))) {
      const key = Math.floor(to / width);
      const bin = bins.get(key) ?? { from, to, counts: new Map<string, number>() };
      const counts = new Map(bin.counts).set(part, (bin.counts.get(part) ?? 0) + increase);
      bins.set(key, { from: Math.min(bin.from, from), to: Math.max(bin.to, to), counts });
    }
  }
  return [...bins.values()].sort((a, b) => a.to - b.to);
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

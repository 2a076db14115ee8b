import { ruleInUnit } from '../in-unit.ts';
import { msOf } from './bounds.ts';
import type { FaultTimes } from './fault-times.ts';
import type { MeasurementInput } from './input.ts';
import { isEvent } from './probe-events.ts';
import { initialProbeState, nextProbeState } from './probe-state.ts';
import { isDecided } from './sample.ts';
import type { PlannedProbe, ProbeSource } from '../plan/plan.ts';
import type { ProbeSummary } from '../run-record.ts';

export function summarizeProbe(input: MeasurementInput, times: FaultTimes, probe: PlannedProbe): ProbeSummary {
  const samples = input.samples.filter((sample) => sample.probe === probe.name).toSorted((a, b) => msOf(a.at) - msOf(b.at));
  const count = (wanted: string) => samples.filter((sample) => sample.class === wanted).length;
  const decided = samples.filter(isDecided);
  const values = decided.flatMap(({ value }) => (value === null ? [] : [value]));
  const baseline = decided.filter((sample) => times.t0 === null || msOf(sample.at) < times.t0.lo);
  const state = samples.reduce(
    (before, sample) => nextProbeState(probe, before, sample),
    initialProbeState(probe, samples[0]?.at ?? input.startedAt),
  );
  return {
    name: probe.name,
    roles: probe.roles,
    userJourney: probe.userJourney,
    unit: probe.unit,
    rule: ruleInUnit(probe, probe.unit),
    query: queryOf(probe.source),
    samples: samples.length,
    good: count('good'),
    bad: count('bad'),
    unknown: samples.length - decided.length,
    coverage: samples.length === 0 ? 0 : decided.length / samples.length,
    worst: worstOf(probe, values),
    baselineMedian: medianOf(baseline.flatMap(({ value }) => (value === null ? [] : [value]))),
    finalState: isEvent(probe) ? (decided.some(({ class: kind }) => kind === 'good') ? 'seen' : 'not seen') : state.state,
  };
}

function queryOf(source: ProbeSource): string {
  switch (source.type) {
    case 'prometheus':
      return source.query;
    case 'prometheus-ratio':
      return `(${source.bad}) / (${source.total})`;
    case 'http':
      return `${source.method} ${source.url} (${source.measure})`;
  }
}

/** The value furthest on the wrong side: the largest, unless large is good. */
function worstOf(probe: PlannedProbe, values: readonly number[]): number | null {
  if (values.length === 0) return null;
  if (probe.comparator === '>' || probe.comparator === '>=') return Math.min(...values);
  if (probe.comparator === '<' || probe.comparator === '<=') return Math.max(...values);
  return values.reduce((worst, value) => (Math.abs(value - probe.threshold) > Math.abs(worst - probe.threshold) ? value : worst));
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

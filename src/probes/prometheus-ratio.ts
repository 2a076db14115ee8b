import { ageOf, inOne, newestOf, partOf, problemOfError, problemOfWarnings, valueOf } from './shared/asked.ts';
import { counterSumOf, selectorsOf } from './shared/promql.ts';
import type { Probe } from './probe.ts';
import { problem } from './probe.ts';
import type { Reading } from '../domain/measure/sample.ts';
import type { Series } from '../ports/metrics.ts';

/** Bad events over all events. An absent numerator beside a fresh denominator is zero: no error was ever counted. */
export const prometheusRatio: Probe<'prometheus-ratio'> = {
  name: 'prometheus-ratio',
  async sample({ metrics }, { source }, options) {
    const newest = newestOf(selectorsOf(source.total));
    const query = inOne({ bad: source.bad, total: source.total, ...(newest === null ? {} : { newest }) });
    try {
      const { series, warnings } = await metrics.instant(query, options);
      return problemOfWarnings(warnings) ?? ratioOf(source, series, newest !== null);
    } catch (error) {
      return problemOfError(error);
    }
  },
};

function ratioOf(source: { bad: string; total: string }, series: readonly Series[], knowsAge: boolean): Reading {
  const bad = partOf(series, 'bad');
  const total = partOf(series, 'total');
  if (bad.length > 1) return problem('config', `${source.bad} gives ${bad.length} series, not one. Aggregate it`);
  if (total.length > 1) return problem('config', `${source.total} gives ${total.length} series, not one. Aggregate it`);
  const totalValue = valueOf(total[0]);
  if (totalValue === null) return problem('no-data', `${source.total} gives nothing`);
  const age = ageOf(series);
  if (knowsAge && age === null) return problem('stale', `no series of ${source.total} has a current sample`);
  const badValue = valueOf(bad[0]) ?? 0;
  if (badValue < 0 || totalValue < 0)
    return problem('error', `${badValue} bad of ${totalValue} events: a count cannot be negative, so one of both is not a count`);
  return { value: badValue / totalValue, sourceAt: null, ...age, events: eventsOf(source.total, totalValue), problem: null };
}

function eventsOf(query: string, value: number): number | null {
  const counter = counterSumOf(query);
  if (counter === null) return null;
  return counter.function === 'increase' ? value : value * counter.windowSeconds;
}

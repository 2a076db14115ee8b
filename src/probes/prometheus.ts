import { ageOf, inOne, newestOf, partOf, problemOfError, problemOfWarnings, valueOf } from './shared/asked.ts';
import { isScalar, selectorsOf } from './shared/promql.ts';
import type { Probe } from './probe.ts';
import { problem } from './probe.ts';

/** Any expression that gives exactly one number. */
export const prometheus: Probe<'prometheus'> = {
  name: 'prometheus',
  async sample({ metrics }, { source }, options) {
    const newest = newestOf(selectorsOf(source.query));
    try {
      // Without a selector there is no sample whose age could be asked.
      const asked =
        newest === null
          ? source.query
          : inOne({ value: isScalar(source.query) ? `vector(${source.query}\n)` : source.query, newest });
      const { series, warnings } = await metrics.instant(asked, options);
      const partial = problemOfWarnings(warnings);
      if (partial !== null) return partial;
      const values = newest === null ? series : partOf(series, 'value');
      if (values.length > 1) return problem('config', `${source.query} gives ${values.length} series, not one. Aggregate it`);
      if (values.length === 0) return problem('no-data', `${source.query} gives nothing`);
      const age = ageOf(series);
      if (newest !== null && age === null) return problem('stale', `no series of ${source.query} has a current sample`);
      return { value: valueOf(values[0]), sourceAt: null, ...age, events: null, problem: null };
    } catch (error) {
      return problemOfError(error);
    }
  },
};

import { isAppError, messageOf } from '../../domain/errors.ts';
import type { Reading } from '../../domain/measure/sample.ts';
import type { Series } from '../../ports/metrics.ts';
import { problem } from '../probe.ts';

/** Several instant expressions in one: each one's series carry its name in this label. */
export const partLabel = 'firedrill_part';

/**
 * One expression for all parts. They are evaluated at the same instant, in one round trip, against one state of the
 * storage: a numerator can never be newer than its denominator, and one timeout covers all.
 */
export function inOne(parts: Readonly<Record<string, string>>): string {
  return (
    Object.entries(parts)
      // The line break ends a comment inside the query.
      .map(([name, query]) => `label_replace(${query}\n, "${partLabel}", "${name}", "", "")`)
      .join(' or ')
  );
}

/** The newest underlying sample among these selectors; null when there is nothing to ask. */
export function newestOf(selectors: readonly string[]): string | null {
  if (selectors.length === 0) return null;
  return `max(${selectors.map((selector, index) => `label_replace(timestamp(${selector}), "${partLabel}_of", "${index}", "", "")`).join(' or ')})`;
}

export function partOf(series: readonly Series[], name: string): readonly Series[] {
  return series.filter(({ labels }) => labels[partLabel] === name);
}

export function valueOf(series: Series | undefined): number | null {
  return series?.points[0]?.[1] ?? null;
}

/** The newest underlying sample, and when it was asked for; both on the upstream's clock. null: there is none. */
export function ageOf(series: readonly Series[]): { readonly sourceAt: string; readonly answeredAt: string } | null {
  const point = partOf(series, 'newest')[0]?.points[0];
  return point === undefined ? null : { sourceAt: isoOfSeconds(point[1]), answeredAt: isoOfSeconds(point[0]) };
}

function isoOfSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** A refused query will be refused again: the file is wrong. Anything else may pass. */
export function problemOfError(error: unknown): Reading {
  const refused = isAppError(error) && error.code === 'upstream/refused';
  return problem(refused ? 'config' : 'error', messageOf(error));
}

/** A warning means that part of the data is missing: the value would be a guess. */
export function problemOfWarnings(warnings: readonly string[]): Reading | null {
  return warnings.length === 0 ? null : problem('error', `the answer is partial: ${warnings.join('; ')}`);
}

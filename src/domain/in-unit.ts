import type { Comparator, Unit } from './plan/plan.ts';

/** A probe's value in its unit, as people read it. Null is unknown, never zero. */
export function inUnit(value: number | null, unit: Unit, digits = significant): string {
  if (value === null) return 'unknown';
  switch (unit) {
    case 'ratio':
      return `${digits(value * 100)} %`;
    case 'seconds':
      return value !== 0 && Math.abs(value) < 1 ? `${digits(value * 1000)} ms` : `${digits(value)} s`;
    case 'per-second':
      return `${digits(value)}/s`;
    case 'bytes':
      return `${digits(value)} B`;
    case 'count':
    case 'none':
      return digits(value);
  }
}

/** What a probe's value must be, in every digit somebody asked for: `< 500 ms`, `>= 99.95 %`. */
export function ruleInUnit(rule: { readonly comparator: Comparator; readonly threshold: number }, unit: Unit): string {
  return `${rule.comparator} ${inUnit(rule.threshold, unit, exact)}`;
}

/** Three significant digits, without exponents: more would claim more than was measured. */
export function significant(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6, useGrouping: true });
}

/** Without the noise of binary fractions. */
function exact(value: number): string {
  return Number(value.toPrecision(12)).toLocaleString('en-US', { maximumFractionDigits: 12, useGrouping: true });
}

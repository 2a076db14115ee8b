import { AppError } from '../domain/errors.ts';
import type { Comparator, Unit } from '../domain/plan/plan.ts';
import { parseBytes, parseDuration, parsePercent } from '../domain/units.ts';

export interface Threshold {
  readonly comparator: Comparator;
  /** In the base unit: a ratio from 0 to 1, seconds, bytes, or a plain number. */
  readonly threshold: number;
  readonly unit: Unit;
}

const comparators: readonly string[] = ['<', '<=', '>', '>=', '==', '!='] satisfies Comparator[];
const plainNumber = /^-?\d+(\.\d+)?$/;

/** Reads `< 1%`, `<= 500ms`, `>= 64MiB`, `> 10/s` or `== 0`. Throws `spec/invalid`. */
export function parseThreshold(text: string): Threshold {
  const [, operator = '', quantity = ''] = /^\s*([^\w\s.'"-]*)\s*(.*?)\s*$/s.exec(text) ?? [];
  const quotes = text.match(/['"]/g);
  if (quotes !== null) {
    const problem = quotes.length % 2 === 1 ? `has an unbalanced ${quotes[0]}` : 'has quotes inside it';
    throw new AppError('spec/invalid', `"${text}" ${problem}. Write a comparator and a quantity, such as < 1%`);
  }
  if (!isComparator(operator)) {
    const problem = operator === '' ? 'has no comparator' : `has no known comparator: ${operator}`;
    throw new AppError('spec/invalid', `"${text}" ${problem}. Begin with one of ${comparators.join(' ')}, such as < 1%`);
  }
  return { comparator: operator, ...parseQuantity(text, quantity) };
}

function parseQuantity(text: string, quantity: string): { threshold: number; unit: Unit } {
  if (plainNumber.test(quantity)) return { threshold: Number(quantity), unit: 'none' };
  if (quantity.endsWith('%')) return { threshold: parsePercent(quantity), unit: 'ratio' };
  if (quantity.endsWith('/s') && plainNumber.test(quantity.slice(0, -2))) {
    return { threshold: Number(quantity.slice(0, -2)), unit: 'per-second' };
  }
  if (/^[\d.]+(B|[kMGT]i?B)$/.test(quantity)) return { threshold: parseBytes(quantity), unit: 'bytes' };
  if (/^[\d.]+(ms|s|m|h|d)/.test(quantity)) return { threshold: parseDuration(quantity), unit: 'seconds' };
  throw new AppError(
    'spec/invalid',
    `"${text}" has no known quantity after its comparator. Write a percentage, a duration, a size, a rate or a number, such as < 1%, < 500ms, < 64MiB, > 10/s or == 0`,
  );
}

function isComparator(text: string): text is Comparator {
  return comparators.includes(text);
}

import type { z } from 'zod';
import { didYouMean, onlySlip } from './did-you-mean.ts';
import type { Issue } from './problem.ts';
import { inputShape, shapesAt } from './schema-shape.ts';
import type { Shape } from './schema-shape.ts';

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly issues: readonly Issue[] };

type ZodIssue = z.core.$ZodIssue;

/** Holds a value against a schema; everything wrong with it at once, in words that say what is allowed. */
export function check<T>(schema: z.ZodType<T>, value: unknown): Checked<T> {
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, value: read.data };
  const shape = inputShape(schema);
  return { ok: false, issues: read.error.issues.flatMap((issue) => word(issue, shape, value, [])) };
}

function word(issue: ZodIssue, shape: Shape, root: unknown, before: Issue['path']): Issue[] {
  const path = [...before, ...issue.path].filter((part) => typeof part !== 'symbol');
  const value = valueAt(root, path);
  const say = (message: string, meant: string | null = null): Issue[] => [
    { path, message, at: 'value', ...(meant === null ? {} : { meant }) },
  ];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const allowed = shapesAt(shape, path).flatMap(({ properties = {} }) => Object.keys(properties));
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key',
        message: `unknown key "${key}".${didYouMean(key, allowed)} Allowed: ${allowed.join(', ')}`,
        ...meantKey(key, allowed, value),
      }));
    }
    case 'invalid_type':
    case 'invalid_format': {
      const isSecret = shapesAt(shape, path).some(({ writeOnly }) => writeOnly === true);
      const expected = expectedAt(shape, path, issue);
      return say(
        isSecret && value !== undefined ? `what stands there is not allowed. Write ${expected}` : refused(value, expected),
      );
    }
    case 'invalid_value':
      return say(
        refused(value, expectedAt(shape, path, issue), didYouMean(String(value), issue.values.map(String))),
        typeof value === 'string' ? onlySlip(value, issue.values.map(String)) : null,
      );
    case 'invalid_union': {
      const nearest = issue.errors.toSorted((a, b) => rank(a) - rank(b))[0];
      if (nearest === undefined || nearest.some((inner) => inner.path.length === 0 && inner.code === 'invalid_type')) {
        return say(refused(value, expectedAt(shape, path, issue)));
      }
      return nearest.flatMap((inner) => word(inner, shape, root, path));
    }
    case 'custom': {
      const offset: unknown = issue.params?.['offset'];
      return [{ path, message: issue.message, at: 'value', ...(typeof offset === 'number' ? { offset } : {}) }];
    }
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      return say(`${issue.origin === 'array' ? 'must have' : 'must be'} ${bound}. Write ${expectedAt(shape, path, issue)}`);
    }
    default:
      return say(issue.message);
  }
}

/** A key that is there already was not meant by another one. */
function meantKey(key: string, allowed: readonly string[], siblings: unknown): Pick<Issue, 'meant'> {
  const meant = onlySlip(key, allowed);
  return meant === null || Object.hasOwn(Object(siblings), meant) ? {} : { meant };
}

function refused(value: unknown, expected: string, hint = ''): string {
  return value === undefined
    ? `is missing. Add ${expected}`
    : `${JSON.stringify(value)} is not allowed.${hint} Write ${expected}`;
}

/** The alternative that fails latest and least is the one that was meant. */
function rank(issues: readonly ZodIssue[]): number {
  return issues.length + (issues.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type') ? 1000 : 0);
}

function expectedAt(shape: Shape, path: Issue['path'], issue: ZodIssue): string {
  const shapes = shapesAt(shape, path);
  const described = shapes.find(({ description }) => description !== undefined)?.description;
  if (issue.code === 'invalid_value') return issue.values.map((value) => JSON.stringify(value)).join(' or ');
  const types = [...new Set(shapes.flatMap(({ type }) => nouns[type ?? ''] ?? []))].join(' or ');
  if (types === '') return described ?? 'another value';
  return described === undefined ? types : `${types} (${described})`;
}

const nouns: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

function valueAt(root: unknown, path: Issue['path']): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[part] : undefined,
    root,
  );
}

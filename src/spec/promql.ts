import { parser } from '@prometheus-io/lezer-promql';
import { z } from 'zod';

/** A PromQL expression that parses. The issue points at the first place that does not. */
export const promql = z
  .string()
  .superRefine((query, context) => {
    const offset = firstError(query);
    if (offset === null) return;
    const near = query.slice(offset, offset + 20).trim();
    context.addIssue({
      code: 'custom',
      message: `not valid PromQL at character ${offset + 1}${near === '' ? ', where it ends too early' : `, near "${near}"`}. Write an expression that Prometheus can evaluate`,
      params: { offset },
    });
  })
  .describe('a PromQL expression');

/** Offset of the first character the grammar cannot take; null when the expression is complete. */
function firstError(query: string): number | null {
  if (query.trim() === '') return 0;
  let found: number | null = null;
  parser.parse(query).iterate({
    enter({ type, from }) {
      if (type.isError && (found === null || from < found)) found = from;
    },
  });
  return found;
}

import { z } from 'zod';
import { messageOf } from '../../domain/errors.ts';
import { parseBytes, parseDuration, parsePercent } from '../../domain/units.ts';

function written(parse: (text: string) => number, what: string): z.ZodType<number, string> {
  return z
    .string()
    .transform((text, context) => {
      try {
        return parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
        return z.NEVER;
      }
    })
    .describe(what);
}

/** `200ms` → 0.2 seconds. */
export const seconds = written(parseDuration, 'a duration, such as 200ms or 5m');
/** `5%` → 0.05. */
export const ratio = written(parsePercent, 'a percentage, such as 5%');
/** `64MiB` → 67108864. */
export const bytes = written(parseBytes, 'a size, such as 64MiB');

/** A duration in whole milliseconds, within bounds. */
export function milliseconds(min: number, max: number): z.ZodType<number, string> {
  return seconds
    .transform((value) => Math.round(value * 1000))
    .refine((value) => value >= min && value <= max, { message: `must be from ${min}ms to ${max}ms` });
}

import { z } from 'zod';
import { messageOf } from './domain/errors.ts';
import { parseBytes, parseDuration, parsePercent } from './domain/units.ts';

// Quantities as people write them, in file formats and in the parameters of faults.

/** A text with a grammar of its own: what the parser throws is what the file's author reads. */
export function written<T>(parse: (text: string) => T, description: string): z.ZodType<T, string> {
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
    .describe(description);
}

/** `200ms` → 0.2 seconds. */
export const duration = written(parseDuration, 'a duration, such as 200ms or 1h30m');
/** As `duration`, and never nothing. */
export const positiveDuration = duration.refine((seconds) => seconds > 0, { message: 'must be more than 0s' });
/** `5%` → 0.05. */
export const percent = written(parsePercent, 'a percentage from 0% to 100%, such as 5%');
/** `64MiB` → 67108864. */
export const bytes = written(parseBytes, 'a size, such as 64MiB');

/** A duration in whole milliseconds, within bounds. */
export function milliseconds(min: number, max: number): z.ZodType<number, string> {
  return duration
    .transform((value) => Math.round(value * 1000))
    .refine((value) => value >= min && value <= max, { message: `must be from ${min}ms to ${max}ms` });
}

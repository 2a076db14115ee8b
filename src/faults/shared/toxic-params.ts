import { z } from 'zod';
import { bytes, milliseconds, percent } from '../../quantities.ts';

/** What a link may do to its bytes, as people write it. */
export const toxicFields = {
  delay: milliseconds(1, 60_000).exactOptional().describe('added to each answer, such as 500ms'),
  jitter: milliseconds(0, 60_000).default(0).describe('each delay is drawn evenly from delay ± jitter'),
  bandwidth: z
    .string()
    .endsWith('/s', { message: 'must be a size per second, such as 64KiB/s' })
    .transform((text) => text.slice(0, -'/s'.length))
    .pipe(bytes)
    .refine((perSecond) => perSecond >= 1024 && perSecond <= 100 * 2 ** 20, { message: 'must be from 1KiB/s to 100MiB/s' })
    .exactOptional()
    .describe('how much all answers together may take, such as 64KiB/s'),
  reset: z
    .strictObject({
      percent: percent
        .refine((share) => share >= 0.01, { message: 'must be from 1% to 100%' })
        .default(1)
        .describe('of the connections; default all'),
      // No longer, so that it can be proven within what one look may take.
      after: milliseconds(0, 3000).default(0).describe('so long after each was opened; default at once'),
    })
    .exactOptional()
    .describe('connections are reset'),
  blackhole: z.literal(true).exactOptional().describe('connections are accepted and never answered'),
};

const fields = z.strictObject(toxicFields);
type Written = z.infer<typeof fields>;

/** Plain JSON; absent fields do nothing. The relay's own form. */
export type Toxic = {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond?: number;
  readonly reset?: { readonly ratio: number; readonly afterMs: number };
  readonly blackhole?: true;
};

/** What is wrong with fields that are right one by one; null when nothing is. */
export function toxicProblem({ delay, jitter, bandwidth, reset, blackhole }: Written): string | null {
  const given = [delay, bandwidth, reset, blackhole].filter((field) => field !== undefined).length;
  if (given === 0) return 'give at least one of delay, bandwidth, reset and blackhole';
  if (blackhole !== undefined && given > 1) return 'blackhole goes alone: where nothing passes, nothing else can be seen';
  if (jitter > (delay ?? 0)) return 'jitter must not be more than delay';
  return null;
}

export function toxicOf({ delay, jitter, bandwidth, reset, blackhole }: Written): Toxic {
  return {
    delayMs: delay ?? 0,
    jitterMs: jitter,
    ...(bandwidth === undefined ? {} : { bytesPerSecond: bandwidth }),
    ...(reset === undefined ? {} : { reset: { ratio: reset.percent, afterMs: reset.after } }),
    ...(blackhole === undefined ? {} : { blackhole }),
  };
}

import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
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
  correlation: percent.exactOptional().describe('how much each delay is like the one before it, such as 25%; netem only'),
  distribution: z
    .enum(['normal', 'pareto', 'paretonormal'])
    .exactOptional()
    .describe('how delays are spread around delay; default evenly; netem only'),
};

const fields = z.strictObject(toxicFields);
type Written = z.infer<typeof fields>;

/** Plain JSON; absent fields do nothing. The relay's own form, which knows neither correlation nor distribution. */
export type Toxic = {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond?: number;
  readonly reset?: { readonly ratio: number; readonly afterMs: number };
  readonly blackhole?: true;
  /** 0..1 */
  readonly correlation?: number;
  readonly distribution?: 'normal' | 'pareto' | 'paretonormal';
};

/** As undo keeps it. */
export const keptToxic: z.ZodType<Toxic> = z.object({
  delayMs: z.number(),
  jitterMs: z.number(),
  bytesPerSecond: z.number().exactOptional(),
  reset: z.object({ ratio: z.number(), afterMs: z.number() }).exactOptional(),
  blackhole: z.literal(true).exactOptional(),
  correlation: z.number().exactOptional(),
  distribution: z.enum(['normal', 'pareto', 'paretonormal']).exactOptional(),
});

/** What is wrong with fields that are right one by one; null when nothing is. */
export function toxicProblem({ delay, jitter, bandwidth, reset, blackhole, correlation, distribution }: Written): string | null {
  const given = [delay, bandwidth, reset, blackhole].filter((field) => field !== undefined).length;
  if (given === 0) return 'give at least one of delay, bandwidth, reset and blackhole';
  if (blackhole !== undefined && given > 1) return 'blackhole goes alone: where nothing passes, nothing else can be seen';
  if (jitter > (delay ?? 0)) return 'jitter must not be more than delay';
  if (jitter === 0 && (correlation !== undefined || distribution !== undefined)) {
    return 'correlation and distribution say how jitter is drawn: give jitter';
  }
  return null;
}

export function toxicOf({ delay, jitter, bandwidth, reset, blackhole, ...drawn }: Written): Toxic {
  return {
    delayMs: delay ?? 0,
    jitterMs: jitter,
    ...(bandwidth === undefined ? {} : { bytesPerSecond: bandwidth }),
    ...(reset === undefined ? {} : { reset: { ratio: reset.percent, afterMs: reset.after } }),
    ...(blackhole === undefined ? {} : { blackhole }),
    ...drawn,
  };
}

/** The words under which people know what a toxic does. */
export function partsOf({ delayMs, jitterMs, bytesPerSecond, reset, blackhole, correlation, distribution }: Toxic): string[] {
  const parts = {
    delay: delayMs > 0,
    jitter: jitterMs > 0,
    bandwidth: bytesPerSecond !== undefined,
    reset: reset !== undefined,
    blackhole: blackhole !== undefined,
    correlation: correlation !== undefined,
    distribution: distribution !== undefined,
  };
  return Object.entries(parts).flatMap(([part, asked]) => (asked ? [part] : []));
}

/** Errors: `policy/denied` for what only a kernel's netem does, which no link of a host is made of. */
export function assertForHost({ service, name }: TargetRef, engine: string, parts: readonly string[]): void {
  const wanted = [...(engine === 'netem' ? ['engine netem'] : []), ...parts.filter((one) => onlyNetem.includes(one))];
  if (wanted.length === 0) return;
  throw new AppError(
    'policy/denied',
    `link ${service}/${name} is one of a host, whose relay does not know ${wanted.join(' and ')}. Leave it out`,
  );
}

const onlyNetem = ['correlation', 'distribution', 'ingress'];

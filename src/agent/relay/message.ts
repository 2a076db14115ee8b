import { z } from 'zod';

const defaultTtlMs = 2000;
const ttlMs = z.number().positive().max(60_000).default(defaultTtlMs);
const id = z.string().min(1);

const toxic = z.strictObject({
  delayMs: z.number().min(0).default(0),
  jitterMs: z.number().min(0).default(0),
  bytesPerSecond: z.number().positive().exactOptional(),
  reset: z.strictObject({ ratio: z.number().gt(0).max(1), afterMs: z.number().min(0) }).exactOptional(),
  blackhole: z.boolean().exactOptional(),
});

/** The relay's language, as whoever opens its control socket may write it. */
export const relayMessage = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('set'), id, toxic, ttlMs, connections: z.enum(['slow', 'keep', 'reset']).default('slow') }),
  z.strictObject({ op: z.literal('refresh'), id, ttlMs }),
  z.strictObject({ op: z.literal('clear'), id, connections: z.enum(['keep', 'reset']).default('keep') }),
  z.strictObject({ op: z.literal('get') }),
  z.strictObject({
    op: z.literal('probe'),
    timeoutMs: z.number().positive().max(120_000).default(5000),
    bytes: z
      .int()
      .positive()
      .max(8 * 2 ** 20)
      .default(1),
    connections: z.int().positive().max(200).default(1),
    stayMs: z.number().min(0).max(60_000).default(0),
  }),
]);
export type RelayMessage = z.infer<typeof relayMessage>;

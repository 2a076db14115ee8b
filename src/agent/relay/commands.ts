import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import type { Relay } from './relay.ts';
import type { RoundTrip } from './round-trip.ts';

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

const message = z.discriminatedUnion('op', [
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

/** One message of the relay's language and its answer. `ok: false` always says why in `error`. Errors: zod's, for what is no message. */
export async function answerTo(asked: unknown, relay: Relay, roundTrip: RoundTrip): Promise<JsonObject> {
  const given = message.parse(asked);
  switch (given.op) {
    case 'set':
      return relay.set(given.id, given.toxic, given.ttlMs, given.connections)
        ? { ok: true }
        : { ok: false, error: `held by ${relay.held?.id}`, holder: relay.held?.id ?? null };
    case 'refresh':
      return relay.refresh(given.id, given.ttlMs) ? { ok: true } : { ok: false, error: `${given.id} is not held any more` };
    case 'clear':
      return { ok: true, cleared: relay.clear(given.id, given.connections) };
    case 'get':
      return stateOf(relay);
    case 'probe':
      return { ok: true, ...(await roundTrip.measure(given)) };
  }
}

function stateOf(relay: Relay): JsonObject {
  const held = relay.held;
  return {
    ok: true,
    id: held?.id ?? null,
    toxic: held === null ? null : { ...held.toxic },
    remainingMs: held === null ? null : Math.max(0, Math.round(held.expiresAt - performance.now())),
    connections: relay.connectionCount,
    accepted: relay.acceptedCount,
  };
}

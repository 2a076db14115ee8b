import type { JsonObject } from '../../domain/json.ts';
import type { RelayMessage } from './message.ts';
import type { Relay } from './relay.ts';
import type { RoundTrip } from './round-trip.ts';

/** One message of the relay's language and its answer. `ok: false` always says why in `error`. */
export async function answerTo(given: RelayMessage, relay: Relay, roundTrip: RoundTrip): Promise<JsonObject> {
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

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { messageOf } from '../../domain/errors.ts';
import type { Relay } from './relay.ts';
import type { RoundTrip } from './round-trip.ts';

const defaultTtlMs = 2000;
const ttlMs = z.number().positive().max(60_000).default(defaultTtlMs);
const id = z.string().min(1);

const toxic = z.strictObject({
  delayMs: z.number().min(0).default(0),
  jitterMs: z.number().min(0).default(0),
  bytesPerSecond: z.number().positive().exactOptional(),
  reset: z.boolean().exactOptional(),
  blackhole: z.boolean().exactOptional(),
});

const message = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('set'), id, toxic, ttlMs, connections: z.enum(['slow', 'keep', 'reset']).default('slow') }),
  z.strictObject({ op: z.literal('refresh'), id, ttlMs }),
  z.strictObject({ op: z.literal('clear'), id, connections: z.enum(['keep', 'reset']).default('keep') }),
  z.strictObject({ op: z.literal('get') }),
  z.strictObject({ op: z.literal('probe'), timeoutMs: z.number().positive().max(120_000).default(5000) }),
]);

/** Answers JSON lines on a unix socket that only the relay's user may open. `ok: false` always says why in `error`. */
export async function serveControl(path: string, relay: Relay, roundTrip: RoundTrip): Promise<Server> {
  const server = createServer((socket) => serve(socket, relay, roundTrip));
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

function serve(socket: Socket, relay: Relay, roundTrip: RoundTrip): void {
  socket.on('error', () => {});
  const lines = createInterface({ input: socket });
  lines.on('error', () => {});
  lines.on('line', async (line) => {
    const answer = await answerTo(line, relay, roundTrip).catch((error: unknown) => ({ ok: false, error: messageOf(error) }));
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  });
}

async function answerTo(line: string, relay: Relay, roundTrip: RoundTrip): Promise<object> {
  const asked = message.parse(JSON.parse(line));
  switch (asked.op) {
    case 'set':
      return relay.set(asked.id, asked.toxic, asked.ttlMs, asked.connections)
        ? { ok: true }
        : { ok: false, error: `held by ${relay.held?.id}`, holder: relay.held?.id };
    case 'refresh':
      return relay.refresh(asked.id, asked.ttlMs) ? { ok: true } : { ok: false, error: `${asked.id} is not held any more` };
    case 'clear':
      return { ok: true, cleared: relay.clear(asked.id, asked.connections) };
    case 'get':
      return stateOf(relay);
    case 'probe':
      return { ok: true, elapsedMs: await roundTrip.measure(asked.timeoutMs) };
  }
}

function stateOf(relay: Relay): object {
  const held = relay.held;
  return {
    ok: true,
    id: held?.id ?? null,
    toxic: held?.toxic ?? null,
    remainingMs: held === null ? null : Math.max(0, Math.round(held.expiresAt - performance.now())),
    connections: relay.connectionCount,
  };
}

import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { messageOf } from '../../domain/errors.ts';
import { answerTo } from './commands.ts';
import { relayMessage } from './message.ts';
import type { Relay } from './relay.ts';
import type { RoundTrip } from './round-trip.ts';

/** Answers JSON lines on a unix socket that only the relay's user may open. */
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
    const answer = await Promise.resolve()
      .then(() => answerTo(relayMessage.parse(JSON.parse(line)), relay, roundTrip))
      .catch((error: unknown) => ({ ok: false, error: messageOf(error) }));
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  });
}

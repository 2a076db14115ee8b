import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { framed, takeFrames } from './message.ts';
import type { HeldRule } from './rule.ts';
import type { Served } from './served.ts';

/** Answers or passes on what comes over TCP, to this resolver. */
export async function serveTcp(resolver: { readonly host: string; readonly port: number }, rule: HeldRule): Promise<Served> {
  const server = createServer((client) => serve(client, createConnection(resolver), rule));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

function serve(client: Socket, upstream: Socket, rule: HeldRule): void {
  // Answers may overtake each other: who asks knows them by their ids.
  const delays = new Map<number, number>();
  onMessages(client, (message) => {
    const verdict = rule.judge(message);
    if (verdict === null) return;
    if ('reply' in verdict) client.write(framed(verdict.reply));
    else {
      if (verdict.passAfterMs > 0) delays.set(message.readUInt16BE(0), verdict.passAfterMs);
      upstream.write(framed(message));
    }
  });
  onMessages(upstream, (answer) => {
    const id = answer.length < 2 ? -1 : answer.readUInt16BE(0);
    const delayMs = delays.get(id) ?? 0;
    delays.delete(id);
    setTimeout(() => client.writable && client.write(framed(answer)), delayMs);
  });
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
}

function onMessages(socket: Socket, take: (message: Buffer) => void): void {
  let waiting: Buffer = Buffer.alloc(0);
  socket.on('error', () => {}); // 'close' follows and does the work
  socket.on('data', (chunk: Buffer) => {
    const { messages, rest } = takeFrames(Buffer.concat([waiting, chunk]));
    waiting = rest;
    for (const message of messages) take(message);
  });
}

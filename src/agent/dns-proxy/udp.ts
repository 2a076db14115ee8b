import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { HeldRule } from './rule.ts';
import type { Served } from './served.ts';

/** Longer than a resolver's client waits for one answer. */
const patienceMs = 10_000;

/** Answers or passes on what comes over UDP, to this resolver. */
export async function serveUdp(resolver: { readonly host: string; readonly port: number }, rule: HeldRule): Promise<Served> {
  const server = createSocket('udp4');
  server.on('error', () => {}); // an answer to a client that is gone
  server.on('message', (message, client) => {
    const reply = (answer: Buffer): void => server.send(answer, client.port, client.address);
    const verdict = rule.judge(message);
    if (verdict === null) return;
    if ('reply' in verdict) reply(verdict.reply);
    else pass(message, resolver, (answer) => setTimeout(() => reply(answer), verdict.passAfterMs));
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: server.address().port, close: () => server.close() };
}

function pass(
  message: Buffer,
  { host, port }: { readonly host: string; readonly port: number },
  reply: (answer: Buffer) => void,
): void {
  const upstream: Socket = createSocket('udp4');
  const timer = setTimeout(() => upstream.close(), patienceMs);
  const end = (): void => {
    clearTimeout(timer);
    upstream.close();
  };
  upstream.once('message', (answer) => {
    end();
    reply(answer);
  });
  // Nobody answers there: neither do we.
  upstream.once('error', end);
  upstream.connect(port, host, () => upstream.send(message));
}

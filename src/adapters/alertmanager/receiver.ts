import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { Delivery } from '../../ports/alerts.ts';

/** By this answer to a GET a worker's receiver is known. */
export const receiverRefusal = 'only POST';

const maxBodyBytes = 4 * 1024 * 1024;
/** Retries come within hours; beyond that many keys the oldest are forgotten. */
const rememberedKeys = 10_000;

const payload = z.object({
  version: z.literal('4'),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      startsAt: z.string(),
      fingerprint: z.string(),
    }),
  ),
});

export interface Receiver {
  /** Where it listens; with the real port when port 0 was asked for. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Takes Alertmanager's webhooks (version 4) and stamps them with our time at receipt. Retries and repeats are dropped:
 * the first receipt counts. It answers 200 only after `onDeliveries` has kept them, so that Alertmanager tries again otherwise.
 * Errors: `upstream/unreachable` when it cannot listen.
 */
export async function startReceiver(options: {
  readonly url: string;
  readonly onDeliveries: (deliveries: readonly Delivery[]) => Promise<void> | void;
}): Promise<Receiver> {
  const url = new URL(options.url);
  const seen = new Set<string>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const receivedAt = new Date().toISOString();
    if (request.method !== 'POST') return answer(response, 405, receiverRefusal);
    const body = await readBody(request);
    if (body === null) return answer(response, 413, 'too large');
    const parsed = payload.safeParse(jsonOf(body));
    if (!parsed.success) return answer(response, 400, 'not an Alertmanager webhook of version 4');

    const fresh = new Map<string, Delivery>();
    for (const alert of parsed.data.alerts) {
      const key = `${alert.fingerprint} ${alert.status} ${alert.startsAt}`;
      if (seen.has(key)) continue;
      fresh.set(key, { ...alert, startsAt: new Date(alert.startsAt).toISOString(), receivedAt });
    }
    if (fresh.size > 0) await options.onDeliveries([...fresh.values()]);
    for (const key of fresh.keys()) seen.add(key);
    for (const key of seen) {
      if (seen.size <= rememberedKeys) break;
      seen.delete(key);
    }
    answer(response, 200, 'ok');
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => answer(response, 500, messageOf(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new AppError('upstream/unreachable', `cannot listen on ${options.url} for alerts: ${messageOf(error)}. Free the port`, {
          cause: error,
        }),
      ),
    );
    server.listen(Number(url.port || 80), url.hostname, resolve);
  });
  url.port = String((server.address() as AddressInfo).port);

  return {
    url: url.href,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

/** null when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

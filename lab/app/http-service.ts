import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { ListenAddress } from './settings.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Takes the parsed JSON body (null when there is none). What it throws becomes a 500. */
export type Handler = (body: unknown) => Promise<Answer>;

/**
 * A small HTTP service: routes are `METHOD /path`; paths under /v1 are counted and timed; /metrics is there.
 * Asked to end, it answers what it was asked before and ends: as first process of a container it would not end otherwise.
 */
export async function serve(options: {
  readonly service: string;
  readonly listen: ListenAddress;
  readonly registry: Registry;
  readonly routes: Readonly<Record<string, Handler>>;
}): Promise<Server> {
  const { service, registry, routes } = options;
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by status. The three status labels are the same: teams name it differently.',
    labelNames: ['service', 'app', 'method', 'path', 'code', 'status', 'status_code'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to its answer.',
    labelNames: ['service', 'method', 'path', 'code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5],
    registers: [registry],
  });

  let ending = false;

  async function answer(request: IncomingMessage, path: string): Promise<Answer> {
    const handler = routes[`${request.method} ${path}`];
    if (handler === undefined) return { status: 404, body: { error: `no ${request.method} ${path} here` } };
    try {
      return await handler(await readJson(request));
    } catch (error) {
      return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
    }
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path === '/metrics') {
      response.setHeader('content-type', registry.contentType);
      response.end(await registry.metrics());
      return;
    }
    const started = performance.now();
    const { status, body } = await answer(request, path);
    response.writeHead(status, { 'content-type': 'application/json', ...(ending ? { connection: 'close' } : {}) });
    response.end(JSON.stringify(body));
    if (!path.startsWith('/v1/')) return;
    const code = String(status);
    const method = request.method ?? 'GET';
    requests.inc({ service, app: service, method, path, code, status: code, status_code: code });
    durations.observe({ service, method, path, code }, (performance.now() - started) / 1000);
  }

  const server = createServer((request, response) => {
    void respond(request, response).catch(() => response.destroy());
  });
  // Idle connections stay open: closing them races with the next request and would look like an error of the service.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...options.listen }, resolve);
  });
  process.once('SIGTERM', () => {
    ending = true;
    server.close(() => process.exit(0));
  });
  return server;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? null : JSON.parse(text);
}

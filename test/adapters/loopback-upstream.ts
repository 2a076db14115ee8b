import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LoopbackUpstream {
  readonly url: string;
  /** Path and parameters of every request, in order. */
  readonly asked: { path: string; params: URLSearchParams }[];
  close(): Promise<void>;
}

/** A server on loopback that answers by path: a JSON value, or a function that answers itself. */
export async function startUpstream(
  answers: Readonly<Record<string, unknown | ((response: ServerResponse) => void)>>,
): Promise<LoopbackUpstream> {
  const asked: LoopbackUpstream['asked'] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://loopback');
    asked.push({
      path: url.pathname,
      params: request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : url.searchParams,
    });
    const answer = answers[url.pathname];
    if (typeof answer === 'function') return answer(response);
    response
      .writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

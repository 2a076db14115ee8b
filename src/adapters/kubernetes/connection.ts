import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { KubeAccess } from './access.ts';

/** Each has connections of its own: a burst of statuses keeps no permit from being read, and a watch keeps nothing waiting. */
const lanes = { watch: Infinity, read: 8, write: 8, aside: 2 } as const;

export type Lane = keyof typeof lanes;

export interface RawRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly lane: Lane;
  /** Ends it whatever it waits for: credentials, a connection, a handshake, an answer. */
  readonly signal: AbortSignal;
}

export interface Connection {
  /** Resolves with the head of the answer; its body comes as a stream. */
  open(request: RawRequest): Promise<IncomingMessage>;
  close(): void;
}

/** Server and client may close a resting connection at the same time: the client does it first. */
const restMs = 30_000;

/** Keep-alive connections to one API server. Errors: Node's. */
export function createConnection(access: KubeAccess): Connection {
  const { protocol, hostname, port, pathname } = new URL(access.server);
  const secure = protocol === 'https:';
  const { cert, key, serverName: servername } = access;
  const agentOf = (lane: Lane): HttpAgent => {
    // Hundreds of handshakes at once answer no call in time, and end in hundreds of tries again.
    const options = { keepAlive: true, timeout: restMs, maxSockets: lanes[lane] };
    return secure ? new HttpsAgent({ ...options, cert, key, servername }) : new HttpAgent(options);
  };
  const agents = { watch: agentOf('watch'), read: agentOf('read'), write: agentOf('write'), aside: agentOf('aside') };
  const base = pathname.replace(/\/$/, '');

  const open = async ({ method, path, body, headers, lane, signal }: RawRequest): Promise<IncomingMessage> => {
    // A new authority is a new connection: what was opened under another is not used for it.
    const [credentials, ca] = await orAborted(Promise.all([access.headers(), secure ? access.ca?.() : undefined]), signal);
    signal.throwIfAborted();
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options: RequestOptions = {
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port,
      method,
      agent: agents[lane],
      signal,
      ...(ca === undefined ? {} : { ca }),
      path: `${base}${path}`,
      headers: { ...headers, ...length, ...credentials },
    };
    return new Promise((resolve, reject) => {
      const request: ClientRequest = (secure ? httpsRequest : httpRequest)(options, resolve);
      request.on('error', (error) => reject(Object.assign(error, { reusedSocket: request.reusedSocket })));
      request.end(body);
    });
  };

  return { open, close: () => Object.values(agents).forEach((agent) => agent.destroy()) };
}

/** Exec plugins and token files may hang as a server may. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

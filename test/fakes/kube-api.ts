import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { KubeAccess } from '../../src/adapters/kubernetes/access.ts';
import type { KubeObject } from '../../src/ports/kubernetes.ts';
import { KubeObjects } from './kube-objects.ts';
import type { Stored, StoredEvent } from './kube-objects.ts';

export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
}

export interface FakeKubeApi {
  readonly access: KubeAccess;
  readonly objects: KubeObjects;
  readonly requests: SeenRequest[];
  /** Open now. */
  connections(): number;
  /** Answers what it returns something for; null everywhere is the server as it is. */
  intercept(by: (request: SeenRequest) => FakeAnswer | null): void;
  /** Takes connections and answers nothing, as a stopped process does. */
  freeze(): void;
  /** Answers those no more, and all others as ever. */
  stall(which: (request: SeenRequest) => boolean): void;
  /** Ends both. */
  thaw(): void;
  /** Breaks every connection off. */
  drop(): void;
  /** Forgets its history: whoever asks for older changes is told that they have expired. */
  compact(): void;
  close(): Promise<void>;
}

interface Watcher {
  readonly collection: string;
  readonly matches: (object: KubeObject) => boolean;
  readonly accept: string;
  readonly response: ServerResponse;
}

/** An API server over HTTP, whole in what it does: lists in pages, watches, selectors, patches, conflicts, finalizers. */
export async function startFakeKubeApi({ bookmarkMs = 300 } = {}): Promise<FakeKubeApi> {
  const objects = new KubeObjects();
  const requests: SeenRequest[] = [];
  const watchers = new Set<Watcher>();
  const held: (() => void)[] = [];
  let intercepted: (request: SeenRequest) => FakeAnswer | null = () => null;
  let stalled: (request: SeenRequest) => boolean = () => false;
  let frozen = false;
  let oldest = 0;

  const whenAwake = (then: () => void, request?: SeenRequest): void => {
    if (frozen || (request !== undefined && stalled(request))) held.push(then);
    else then();
  };

  objects.onEvent = (event) => whenAwake(() => watchers.forEach((watcher) => send(watcher, event)));

  const bookmarks = setInterval(() => {
    if (frozen) return;
    const metadata = { resourceVersion: String(objects.revision) };
    watchers.forEach(({ response }) => response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`));
  }, bookmarkMs);

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://fake');
    const { accept = '' } = request.headers;
    const seen = { method: request.method ?? 'GET', path: pathname, query, accept };
    requests.push(seen);
    whenAwake(() => {
      const given = intercepted(seen);
      if (given !== null) return reply(response, given.status, given.body ?? {}, given.headers);
      const [, collection = '', name, subresource] =
        /^(.*\/namespaces\/[^/]+\/[^/]+|.*\/v1\/[^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(pathname) ?? [];
      const body = (chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())) as KubeObject & {
        preconditions?: { uid?: string };
      };
      if (seen.method === 'GET' && name === undefined) {
        if (query.get('watch') === 'true') return watch(collection, query, accept, response);
        return list(collection, query, accept, response);
      }
      if (seen.method === 'GET') {
        const object = objects.get(collection, name ?? '');
        return object === null
          ? reply(response, 404, status(404, 'NotFound', `"${name}" not found`))
          : reply(response, 200, object);
      }
      const stored: Stored =
        seen.method === 'POST'
          ? objects.create(collection, body)
          : seen.method === 'PATCH'
            ? objects.merge(collection, name ?? '', { ...body }, subresource)
            : objects.delete(collection, name ?? '', body.preconditions?.uid);
      if ('object' in stored) reply(response, stored.status, stored.object);
      else reply(response, stored.status, status(stored.status, stored.reason, stored.message));
    }, seen);
  };

  const list = (collection: string, query: URLSearchParams, accept: string, response: ServerResponse): void => {
    const matches = selection(query);
    const all = objects.list(collection).filter(matches);
    const from = Number(query.get('continue') ?? 0);
    const to = from + Number(query.get('limit') ?? all.length);
    const items = all.slice(from, to).map((object) => accepted(object, accept));
    const next = to < all.length ? { continue: String(to) } : {};
    reply(response, 200, { metadata: { resourceVersion: String(objects.revision), ...next }, items });
  };

  const watch = (collection: string, query: URLSearchParams, accept: string, response: ServerResponse): void => {
    const from = Number(query.get('resourceVersion'));
    if (from < oldest) return reply(response, 410, status(410, 'Expired', 'too old resource version'));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const watcher = { collection, matches: selection(query), accept, response };
    objects.events.filter(({ revision }) => revision > from).forEach((event) => send(watcher, event));
    watchers.add(watcher);
    const end = setTimeout(() => whenAwake(() => response.end()), Number(query.get('timeoutSeconds')) * 1000);
    response.on('close', () => {
      clearTimeout(end);
      watchers.delete(watcher);
    });
  };

  const server = createServer((request, response) => void handle(request, response));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    access: { server: `http://127.0.0.1:${port}`, namespace: 'default', headers: async () => ({ authorization: 'Bearer test' }) },
    objects,
    requests,
    connections: () => sockets.size,
    intercept: (by) => (intercepted = by),
    freeze: () => (frozen = true),
    stall: (which) => (stalled = which),
    thaw() {
      frozen = false;
      stalled = () => false;
      held.splice(0).forEach((then) => then());
    },
    drop: () => server.closeAllConnections(),
    compact: () => (oldest = objects.revision),
    async close() {
      clearInterval(bookmarks);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An object that comes into a selection is added, one that leaves it deleted. */
function send(
  { collection, matches, accept, response }: Watcher,
  { collection: of, before, after, revision }: StoredEvent,
): void {
  if (of !== collection) return;
  const [was, is] = [before !== null && matches(before), after !== null && matches(after)];
  const type = is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED';
  const object = is ? after : before;
  if ((!was && !is) || object === null) return;
  const metadata = { ...object.metadata, resourceVersion: String(revision) };
  response.write(`${JSON.stringify({ type, object: accepted({ ...object, metadata }, accept) })}\n`);
}

function accepted(object: KubeObject, accept: string): KubeObject {
  return accept.includes('PartialObjectMetadata') ? { metadata: object.metadata } : object;
}

function selection(query: URLSearchParams): (object: KubeObject) => boolean {
  const labels = pairs(query.get('labelSelector'));
  const names = pairs(query.get('fieldSelector')).map(([, name]) => name);
  return ({ metadata }) =>
    labels.every(([key, value]) => (value === null ? metadata.labels?.[key] !== undefined : metadata.labels?.[key] === value)) &&
    names.every((name) => name === metadata.name);
}

/** null: whatever its value. */
function pairs(selector: string | null): [string, string | null][] {
  const parts = selector === null || selector === '' ? [] : selector.split(',');
  return parts.map((part) => {
    const [key = '', value = null] = part.split('=', 2);
    return [key, value];
  });
}

function status(code: number, reason: string, message: string): object {
  return { kind: 'Status', status: 'Failure', code, reason, message };
}

function reply(response: ServerResponse, code: number, body: object, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(`${JSON.stringify(body)}\n`);
}

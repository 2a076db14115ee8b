import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError, messageOf } from '../../domain/errors.ts';
import type { Answer, CallOptions, KubeApi, KubeCall, KubeObject, Patch } from '../../ports/kubernetes.ts';
import type { KubeAccess } from './access.ts';
import { createConnection, textOf } from './connection.ts';
import { listAll } from './list.ts';
import { refusalOf, refusedRead, unreachable } from './refusals.ts';
import { resourcePath, withQuery } from './resource-path.ts';
import { watchStream } from './watch-stream.ts';

const defaultTimeoutMs = 5_000;
/** Where the server says to come again and not when. */
const retryAfterMs = 250;
const fieldManager = 'firedrill';

const contentTypes = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const satisfies Record<Patch['type'], string>;

/** The one way to an API server: kept connections, a time limit on everything, and errors that say what to do. */
export function createKubeApi(access: KubeAccess, { timeoutMs: usual = defaultTimeoutMs } = {}): KubeApi {
  const connection = createConnection(access);
  const { server } = access;

  const request = async (call: KubeCall): Promise<Answer<unknown>> => {
    const { timeoutMs = usual } = call;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    const what = `${call.method} ${call.path}`;
    try {
      for (;;) {
        const answer = await once(call, signal);
        if ('again' in answer) await sleep(answer.again, undefined, { signal });
        else if (answer.status < 300) return { ok: true, object: JSON.parse(answer.body) as unknown };
        else {
          const refusal = refusalOf({ server, method: call.method, path: call.path, ...answer });
          if (refusal instanceof AppError) throw refusal;
          return refusal;
        }
      }
    } catch (error) {
      if (isAppError(error)) throw error;
      call.signal?.throwIfAborted();
      throw unreachable(server, what, timeout.aborted ? `no answer in ${timeoutMs} ms` : messageOf(error), error);
    }
  };

  /** One try. `again`: nothing was done, and the server wants to be asked once more after so many ms. */
  const once = async (call: KubeCall, signal: AbortSignal): Promise<{ again: number } | { status: number; body: string }> => {
    const { method, body, contentType = 'application/json', accept = 'application/json', aside = false } = call;
    const headers = body === undefined ? { accept } : { accept, 'content-type': contentType };
    const text = body === undefined ? {} : { body: asServerWrites(body) };
    try {
      const lane = aside ? 'aside' : method === 'GET' ? 'read' : 'write';
      const response = await connection.open({ method, path: withQuery(call), headers, lane, signal, ...text });
      const answer = { status: response.statusCode ?? 0, body: await textOf(response) };
      const turnedAway = answer.status === 429 || (answer.status === 503 && method === 'GET');
      // An eviction that a budget holds up also says 429, and is the caller's to repeat.
      if (turnedAway && !call.path.endsWith('/eviction')) return { again: afterMs(response) };
      return answer;
    } catch (error) {
      // The server had closed this resting connection: the request never arrived.
      if (method === 'GET' && wasReused(error) && !signal.aborted) return { again: 0 };
      throw error;
    }
  };

  const typed = <T>(call: KubeCall): Promise<Answer<T>> => request(call) as Promise<Answer<T>>;

  return {
    server,
    request,
    async get<T extends KubeObject>(resource: Parameters<KubeApi['get']>[0], name: string, options: CallOptions = {}) {
      const answer = await typed<T>({ method: 'GET', path: resourcePath(resource, name), ...options });
      if (answer.ok) return answer.object;
      if (answer.status === 404) return null;
      throw refusedRead(server, resourcePath(resource, name), answer.message);
    },
    list: (resource, options) => listAll(typed, server, resource, options),
    create: (resource, body, options) =>
      typed({ method: 'POST', path: resourcePath(resource), query: { fieldManager }, body, ...options }),
    patch: (resource, name, { type, body }, { subresource, ...options } = {}) =>
      typed({
        method: 'PATCH',
        path: resourcePath(resource, name, ...(subresource === undefined ? [] : [subresource])),
        query: { fieldManager, force: type === 'apply' ? 'true' : undefined },
        contentType: contentTypes[type],
        body,
        ...options,
      }),
    delete: (resource, name, { timeoutMs, signal, aside, ...options } = {}) =>
      typed({
        method: 'DELETE',
        path: resourcePath(resource, name),
        body: deleteOptions(options),
        ...given({ timeoutMs, signal, aside }),
      }),
    evict: ({ namespace, name }, { timeoutMs, signal, aside, ...options } = {}) =>
      typed({
        method: 'POST',
        path: resourcePath({ group: '', version: 'v1', resource: 'pods', namespace }, name, 'eviction'),
        body: {
          apiVersion: 'policy/v1',
          kind: 'Eviction',
          metadata: { name, namespace },
          deleteOptions: deleteOptions(options),
        },
        ...given({ timeoutMs, signal, aside }),
      }),
    watch: (resource, options) => watchStream(connection, server, resource, options),
    close: () => connection.close(),
  };
}

/**
 * JSON as the server itself writes it: it compares the `test` of a patch with its own text, byte by byte, and would find a value with
 * an ampersand changed where nobody has changed it.
 */
function asServerWrites(body: unknown): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(body).replace(/[&<>\u2028\u2029]/g, escaped);
}

function deleteOptions(options: {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
}): object {
  const { uid, resourceVersion, gracePeriodSeconds, propagationPolicy } = options;
  const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
  return { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds, propagationPolicy, preconditions };
}

function given(options: { readonly [Name in keyof CallOptions]: CallOptions[Name] | undefined }): CallOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function afterMs(response: IncomingMessage): number {
  const seconds = Number(response.headers['retry-after']);
  return seconds > 0 ? seconds * 1000 : retryAfterMs;
}

function wasReused(error: unknown): boolean {
  return (error as { reusedSocket?: unknown }).reusedSocket === true;
}

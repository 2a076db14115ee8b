import { StringDecoder } from 'node:string_decoder';
import { isAppError, messageOf } from '../../domain/errors.ts';
import type { KubeObject, KubeResource, WatchEvent, WatchOptions } from '../../ports/kubernetes.ts';
import type { Connection } from './connection.ts';
import { textOf } from './connection.ts';
import { metadataOnly } from './metadata-only.ts';
import { refusalOf, unreachable } from './refusals.ts';
import { resourcePath, withQuery } from './resource-path.ts';

interface WatchLine {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject & { readonly code?: number; readonly message?: string };
}

/** One watch, from its request to its end. A server that falls silent is left, at the latest after `quietMs`. */
export async function watchStream(
  connection: Connection,
  server: string,
  resource: KubeResource,
  options: WatchOptions,
): Promise<void> {
  const path = resourcePath(resource);
  const what = `WATCH ${path}`;
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), options.quietMs);
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const heard = (): void => {
    timer.refresh();
    options.onHeard();
  };
  const tell = (line: WatchLine): void => {
    options.onEvent(eventOf(line));
    if (line.type === 'ERROR' && line.object.code !== 410) {
      throw unreachable(server, what, line.object.message ?? 'the watch broke off', undefined);
    }
  };
  try {
    const { labelSelector, fieldSelector, resourceVersion, forSeconds, metadataOnly: partial = false } = options;
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(forSeconds),
      resourceVersion,
      labelSelector,
      fieldSelector,
    };
    const headers = { accept: partial ? metadataOnly.ofObject : 'application/json' };
    const request = { method: 'GET', path: withQuery({ path, query }), headers, lane: 'watch', signal } as const;
    const response = await connection.open(request);
    const status = response.statusCode ?? 0;
    if (status >= 300) {
      const refusal = refusalOf({ server, method: 'WATCH', path, status, body: await textOf(response) });
      // Whoever is refused hears of no change, and may have asked for a version that this server never had: a list tells both.
      options.onEvent({ type: 'EXPIRED' });
      if (isAppError(refusal)) throw refusal;
      if (refusal.status !== 410) throw unreachable(server, what, refusal.message, undefined);
      return;
    }
    heard();
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for await (const chunk of response as AsyncIterable<Buffer>) {
      heard();
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') tell(JSON.parse(line) as WatchLine);
    }
  } catch (error) {
    if (isAppError(error)) throw error;
    options.signal.throwIfAborted();
    const problem = silence.signal.aborted ? `silent for ${options.quietMs} ms` : messageOf(error);
    throw unreachable(server, what, problem, error);
  } finally {
    clearTimeout(timer);
  }
}

function eventOf({ type, object }: WatchLine): WatchEvent {
  if (type === 'BOOKMARK') return { type, resourceVersion: object.metadata.resourceVersion ?? '' };
  return type === 'ERROR' ? { type: 'EXPIRED' } : { type, object };
}

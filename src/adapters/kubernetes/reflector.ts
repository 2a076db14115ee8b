import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, AppError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeObject, KubeResource, Selection } from '../../ports/kubernetes.ts';

const firstBackoffMs = 100;
const maxBackoffMs = 2_000;
const livedMs = 500;

/** A change of one object. `before` is null when it is new, `after` when it is gone. */
export interface Change {
  readonly before: KubeObject | null;
  readonly after: KubeObject | null;
}

/** A collection's objects as of a moment ago: one list, then one watch, for as long as it lives. */
export interface Reflector {
  /** By name; by `namespace/name` over all namespaces. Empty before the first list. */
  current(): ReadonlyMap<string, KubeObject>;
  /** Called after `current` has it. Returns how to end it. */
  onChange(listener: (change: Change) => void): () => void;
  /** Resolves with the first list. */
  readonly synced: Promise<void>;
  /** How long ago the server was heard last; infinite when never. */
  ageMs(): number;
  /** Why it does not hear the server now; null while it does. */
  problem(): Error | null;
  close(): void;
}

export interface ReflectorOptions extends Selection {
  /** Silence of this long, half a lease at most and two seconds at least, ends a connection: the server says more at rest. */
  readonly quietMs: number;
  readonly clock: Clock;
}

/** Lists and watches until it is closed. Comes back from everything: expired versions, closed, silent and refused connections. */
export function createReflector(api: KubeApi, resource: KubeResource, options: ReflectorOptions): Reflector {
  const { quietMs, clock, ...selection } = options;
  const objects = new Map<string, KubeObject>();
  const listeners = new Set<(change: Change) => void>();
  const closed = new AbortController();
  const synced = Promise.withResolvers<void>();
  let version: string | null = null;
  let heardAt = Number.NEGATIVE_INFINITY;
  let problem: Error | null = null;
  let failures = 0;

  const keyOf = ({ metadata }: KubeObject): string =>
    resource.namespace === undefined && metadata.namespace !== undefined
      ? `${metadata.namespace}/${metadata.name}`
      : metadata.name;

  const heard = (): void => {
    heardAt = clock.monotonic();
    problem = null;
  };

  const put = (key: string, found: KubeObject | null): void => {
    const after = found === null ? null : slim(found);
    const before = objects.get(key) ?? null;
    if (before === null && after === null) return;
    if (before !== null && before.metadata.resourceVersion === after?.metadata.resourceVersion) return;
    if (after === null) objects.delete(key);
    else objects.set(key, after);
    listeners.forEach((listener) => listener({ before, after }));
  };

  const list = async (): Promise<string> => {
    const listed = await api.list(resource, { ...selection, timeoutMs: quietMs, signal: closed.signal });
    heard();
    const found = new Map(listed.items.map((object) => [keyOf(object), object]));
    for (const key of objects.keys()) if (!found.has(key)) put(key, null);
    for (const [key, object] of found) put(key, object);
    synced.resolve();
    return listed.resourceVersion;
  };

  const watch = (from: string): Promise<void> =>
    api.watch(resource, {
      ...selection,
      resourceVersion: from,
      // The server ends a watch at rest before its silence would tell of an ill one.
      forSeconds: Math.max(1, Math.floor(quietMs / 1000) - 1),
      quietMs,
      signal: closed.signal,
      onHeard: heard,
      onEvent: (event) => {
        if (event.type === 'EXPIRED') version = null;
        else if (event.type === 'BOOKMARK') version = event.resourceVersion;
        else {
          version = event.object.metadata.resourceVersion ?? version;
          put(keyOf(event.object), event.type === 'DELETED' ? null : event.object);
        }
      },
    });

  const run = async (): Promise<void> => {
    while (!closed.signal.aborted) {
      const began = clock.monotonic();
      try {
        version ??= await list();
        await watch(version);
      } catch (error) {
        if (closed.signal.aborted) return;
        problem = error instanceof Error ? error : new AppError('internal/bug', messageOf(error));
      }
      // One that lived is taken up again at once; one that ends as soon as it begins must not be a storm of requests.
      failures = clock.monotonic() - began >= livedMs ? 0 : failures + 1;
      const waitMs = failures <= 1 ? 0 : Math.min(firstBackoffMs * 2 ** (failures - 2), maxBackoffMs);
      await sleep(waitMs, undefined, { signal: closed.signal }).catch(() => {});
    }
  };
  void run();

  return {
    current: () => objects,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    synced: synced.promise,
    ageMs: () => clock.monotonic() - heardAt,
    problem: () => problem,
    close: () => closed.abort(),
  };
}

/** Who wrote which field when is half of an object, and nobody asks for it. */
function slim(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}

import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeObject } from '../../ports/kubernetes.ts';
import { haltSelector } from './halt.ts';
import { heartbeatSelector } from './heartbeats.ts';
import { recordResources, scopeLabels, selectorOf } from './record-names.ts';
import type { AgentScope } from './record-names.ts';
import { createWatched } from './watched.ts';
import type { Watched } from './watched.ts';

/** A connection to the API server that says nothing for this long is made anew. */
const usualQuietMs = 5_000;

/** Every collection that holds records: each is watched from its first use on, once for all stores that are given it. */
export interface WatchedRecords {
  readonly injections: Watched;
  readonly permits: Watched;
  readonly halt: Watched;
  readonly heartbeats: Watched;
}

export interface WatchedRecordsOptions {
  readonly api: KubeApi;
  /** Where records and agents are. */
  readonly namespace: string;
  /** Whose injections are watched; null: everybody's. */
  readonly scope: AgentScope | null;
  readonly clock: Clock;
  /** Half of the shortest lease, at most; five seconds when it is not said. */
  readonly quietMs?: number;
}

export function watchRecords({ api, namespace, scope, clock, quietMs = usualQuietMs }: WatchedRecordsOptions): WatchedRecords {
  const { injections, permits, leases, configMaps } = recordResources(namespace);
  const how = { quietMs, clock };
  const ofScope = scope === null ? {} : { labelSelector: selectorOf(scopeLabels(scope)) };
  return {
    injections: createWatched(api, injections, { ...how, ...ofScope }),
    permits: createWatched(api, permits, how),
    halt: createWatched(api, configMaps, { ...how, fieldSelector: haltSelector }),
    heartbeats: createWatched(api, leases, { ...how, labelSelector: heartbeatSelector }),
  };
}

/** The same, with one scope's injections alone, which are watched from now on. It ends with what it is of. */
export function narrowed(records: WatchedRecords, scope: AgentScope): WatchedRecords {
  return { ...records, injections: withLabels(records.injections, scopeLabels(scope)) };
}

export function endWatches(records: WatchedRecords): void {
  Object.values(records).forEach((each: Watched) => each.close());
}

/** As the server would select: what comes to have the labels is new, and what loses them is gone. */
function withLabels(watched: Watched, labels: Readonly<Record<string, string>>): Watched {
  const wanted = Object.entries(labels);
  const chosen = (object: KubeObject | null): KubeObject | null =>
    wanted.every(([key, value]) => object?.metadata.labels?.[key] === value) ? object : null;
  /** At rest hundreds are asked for twice a second. null: something has changed since. */
  let found: ReadonlyMap<string, KubeObject> | null = null;
  const unwatch = watched.onChange(() => void (found = null));
  return {
    async read() {
      const all = await watched.read();
      found ??= new Map([...all].filter(([, object]) => chosen(object) !== null));
      return found;
    },
    onChange: (listener) =>
      watched.onChange(({ before, after }) => {
        const change = { before: chosen(before), after: chosen(after) };
        if (change.before !== null || change.after !== null) listener(change);
      }),
    close() {
      unwatch();
      watched.close();
    },
  };
}

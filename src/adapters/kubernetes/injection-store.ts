import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../domain/errors.ts';
import type { InjectionSpec, InjectionStatus } from '../../domain/injection/records.ts';
import type { Clock } from '../../ports/clock.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { InjectionStore, Read } from '../../ports/injections.ts';
import type { KubeApi, KubeObject } from '../../ports/kubernetes.ts';
import type { WatchRecords } from '../../ports/record-watch.ts';
import { takeAllClaims } from '../records/taking-claims.ts';
import { createClaims } from './claims.ts';
import { createConfirmations } from './confirmations.ts';
import { letGo } from './finalizer.ts';
import { createHalt } from './halt.ts';
import { createHeartbeats } from './heartbeats.ts';
import { endJournal } from './journal.ts';
import { createLastWords } from './last-words.ts';
import { createPermits } from './permits.ts';
import { objectName, recordResources, scopeLabels } from './record-names.ts';
import type { AgentScope } from './record-names.ts';
import { objectOfSpec, specOf, statusOf } from './record-objects.ts';
import { createRecordWatch } from './record-watch.ts';
import { createStatuses } from './statuses.ts';
import { endWatches, watchRecords } from './watched-records.ts';
import type { WatchedRecords } from './watched-records.ts';

/** The watch tells every change: this only keeps a look at a permit young, and hears that the server has fallen silent. */
const pollMs = 500;

export interface KubernetesStoreOptions {
  readonly api: KubeApi;
  /** Where records and agents are. */
  readonly namespace: string;
  /** Where the journals of this agent's injections are. */
  readonly journalNamespace: string;
  /** Whose injections are shown; null: everybody's, as the worker and people see them. */
  readonly scope: AgentScope | null;
  readonly clock: Clock;
  /** Half of the shortest lease, at most; five seconds when it is not said. */
  readonly quietMs?: number;
  /** Watches of these records that another store has too; absent: its own. */
  readonly watched?: WatchedRecords;
}

export interface KubernetesStore extends InjectionStore {
  readonly watch: WatchRecords;
  /** How often reading is worth it where no change was heard of. */
  readonly pollMs: number;
  /** Ends the watches, also where another store has them too. */
  close(): void;
}

/** Records as objects of the API. Reads of what changes all the time come from watches: at rest, requests are per watch. */
export function createKubernetesStore(options: KubernetesStoreOptions): KubernetesStore {
  const { api, namespace, journalNamespace, scope, clock } = options;
  const { injections, permits, leases, configMaps, secrets } = recordResources(namespace);
  const labels = scope === null ? {} : scopeLabels(scope);
  const { watched = watchRecords(options) } = options;
  const records = createRecordWatch([watched.injections, watched.permits, watched.halt]);
  const statuses = createStatuses(api, injections, labels);
  const permit = createPermits(api, permits, { watched: watched.permits, clock, onLook: records.notify });
  const halt = createHalt(api, configMaps, { watched: watched.halt, clock });
  const heartbeats = createHeartbeats(api, leases, watched.heartbeats);
  const claims = createClaims(api, leases);
  const confirmations = createConfirmations(api, injections, watched.injections);
  const lastWords = createLastWords(watched.injections);
  const specOnce = once(specOf);
  const statusOnce = once(statusOf);

  return {
    writeSpec: (spec) => writeSpec(spec, api, injections),
    async readSpecs(except) {
      const specs: Read<InjectionSpec>[] = [];
      for (const [id, object] of await watched.injections.read()) {
        const spec = except?.has(id) === true ? null : specOnce(object);
        if (spec !== null) specs.push(spec);
      }
      return specs;
    },
    async readWithdrawn() {
      const found = [...(await watched.injections.read()).values()];
      return found.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map(({ metadata }) => metadata.name);
    },
    writeStatus: (status) => statuses.write(status),
    readStatus: (id) => statuses.read(id),
    async readStatuses(ids) {
      const found = await watched.injections.read();
      const wanted = ids ?? [...found.keys(), ...lastWords.ids()];
      const read = wanted.map((id): Read<InjectionStatus> | null => {
        const object = found.get(id);
        return object === undefined ? lastWords.of(id) : statusOnce(object);
      });
      return read.filter((status) => status !== null);
    },
    writePermit: (given) => permit.write(given),
    readPermit: (runId) => permit.read(runId),
    lookAtPermit: (runId) => permit.look(runId),
    writeConfirmation: (confirmation) => confirmations.write(confirmation),
    readConfirmation: (id, word) => confirmations.read(id, word),
    writeHalt: (given) => halt.write(given),
    liftHalt: () => halt.lift(),
    readHalt: (since) => halt.read(since),
    writeHeartbeat: (heartbeat) => heartbeats.write(heartbeat),
    readHeartbeats: () => heartbeats.readAll(),
    takeClaims: (id, wanted) =>
      // Of another installation's, which no id can be named like, nothing may be read.
      takeAllClaims(claims, id, wanted, async (holder) => !holder.includes('/') && (await statuses.hasEnded(holder))),
    async releaseClaims(id) {
      await claims.release(id);
      await endJournal(api, { ...secrets, namespace: journalNamespace }, id);
      await letGo(api, injections, objectName(id));
    },
    watch: records.watch,
    pollMs,
    close: () => endWatches(watched),
  };
}

async function writeSpec(
  spec: InjectionSpec,
  api: KubeApi,
  injections: ReturnType<typeof recordResources>['injections'],
): Promise<void> {
  const created = await api.create(injections, objectOfSpec(spec));
  if (created.ok) return;
  const found = created.status === 409 ? await api.get(injections, spec.id) : null;
  if (found === null) {
    throw new AppError('upstream/refused', `Injection "${spec.id}" was not stored: ${created.message}`);
  }
  const stored = specOf(found);
  if (stored === null || isCorrupt(stored) || !isDeepStrictEqual(stored, JSON.parse(JSON.stringify(spec)))) {
    throw new AppError('internal/bug', `Injection "${spec.id}" is already written with another content. Ids are never reused`);
  }
}

/** An object never changes: what it says is worked out once. */
function once<T>(parse: (object: KubeObject) => T): (object: KubeObject) => T {
  const known = new WeakMap<KubeObject, { readonly value: T }>();
  return (object) => {
    const found = known.get(object);
    if (found !== undefined) return found.value;
    const value = parse(object);
    known.set(object, { value });
    return value;
  };
}

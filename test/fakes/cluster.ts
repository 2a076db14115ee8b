import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../../src/domain/json.ts';
import type { ClusterTools, JsonPatchStep, KubeObject, ObjectRef } from '../../src/faults/cluster-tools.ts';

/** A cluster's API in memory, with what a test needs besides: what others do, and what they forbid. */
export interface FakeCluster extends ClusterTools {
  /** What somebody else made, or made of it. */
  put(ref: ObjectRef, body: JsonObject): KubeObject;
  /** What the kubelet does in the end: a pod that is terminating is gone. */
  endPods(): void;
  /** What a disruption budget says of pods of this name; null lifts it. */
  forbidEviction(name: string, words: string | null): void;
  /** Called after each change, so that a test can play a controller. */
  onChange: (change: { readonly verb: 'patch' | 'delete' | 'evict'; readonly ref: ObjectRef }) => void;
  /** Every change that was asked for. */
  readonly changes: readonly string[];
}

export function createFakeCluster(): FakeCluster {
  const objects = new Map<string, JsonObject>();
  const budgets = new Map<string, string>();
  const changes: string[] = [];
  let lastVersion = 0;

  const keyOf = ({ apiVersion, resource, namespace, name }: ObjectRef): string =>
    [apiVersion, resource, namespace ?? '', name].join(' ');
  const store = (ref: ObjectRef, body: JsonObject): KubeObject => {
    lastVersion += 1;
    const before = objects.get(keyOf(ref))?.['metadata'] as JsonObject | undefined;
    const metadata: JsonObject = {
      uid: before?.['uid'] ?? `uid-${lastVersion}`,
      ...(body['metadata'] as JsonObject | undefined),
      name: ref.name,
      ...(ref.namespace === null ? {} : { namespace: ref.namespace }),
      resourceVersion: String(lastVersion),
    };
    const object = { ...structuredClone(body), apiVersion: ref.apiVersion, metadata };
    objects.set(keyOf(ref), object);
    return asKube(object);
  };
  const find = (ref: ObjectRef): JsonObject | undefined => objects.get(keyOf(ref));
  const uidOf = (object: JsonObject): unknown => (object['metadata'] as JsonObject)['uid'];
  const end = (ref: ObjectRef, object: JsonObject, graceSeconds: number | undefined): void => {
    if (ref.resource !== 'pods' || graceSeconds === 0) return void objects.delete(keyOf(ref));
    const metadata = { ...(object['metadata'] as JsonObject), deletionTimestamp: '2026-01-01T00:00:00Z' };
    store(ref, { ...object, metadata });
  };

  const fake: FakeCluster = {
    image: 'agent',
    changes,
    onChange: () => {},
    put: store,
    endPods() {
      for (const [key, object] of objects) {
        if (key.split(' ')[1] === 'pods' && 'deletionTimestamp' in (object['metadata'] as JsonObject)) objects.delete(key);
      }
    },
    forbidEviction(name, words) {
      if (words === null) budgets.delete(name);
      else budgets.set(name, words);
    },
    async get<T extends KubeObject>(ref: ObjectRef) {
      const object = find(ref);
      return object === undefined ? null : (asKube(object) as T);
    },
    look: <T extends KubeObject>(ref: ObjectRef) => fake.get<T>(ref),
    async list<T extends KubeObject>(
      of: Omit<ObjectRef, 'name'>,
      { labelSelector = '', fieldSelector = '' }: { labelSelector?: string; fieldSelector?: string } = {},
    ) {
      const found = [...objects].filter(([key, object]) => {
        const [apiVersion, resource, namespace] = key.split(' ');
        const isOf = apiVersion === of.apiVersion && resource === of.resource && [null, namespace].includes(of.namespace);
        return isOf && matchesLabels(object, labelSelector) && matchesFields(object, fieldSelector);
      });
      return found.map(([, object]) => asKube(object) as T);
    },
    async create(of, body) {
      const name = String((body['metadata'] as JsonObject)['name']);
      if (find({ ...of, name }) !== undefined) return 'exists';
      store({ ...of, name }, body);
      return 'created';
    },
    async patch(ref, steps) {
      const object = find(ref);
      if (object === undefined) return 'gone';
      changes.push(`patch ${ref.resource}/${ref.name}`);
      const patched = patchJson(object, steps);
      if (patched === null) return 'conflict';
      store(ref, patched);
      fake.onChange({ verb: 'patch', ref });
      return 'patched';
    },
    async delete(ref, { uid, gracePeriodSeconds }) {
      const object = find(ref);
      if (object === undefined) return 'gone';
      if (uidOf(object) !== uid) return 'replaced';
      changes.push(`delete ${ref.resource}/${ref.name}`);
      end(ref, object, gracePeriodSeconds);
      fake.onChange({ verb: 'delete', ref });
      return 'deleted';
    },
    async evict(ref, { uid, gracePeriodSeconds }) {
      const object = find(ref);
      if (object === undefined) return 'gone';
      if (uidOf(object) !== uid) return 'replaced';
      const words = budgets.get(ref.name);
      if (words !== undefined) return { blocked: words };
      changes.push(`evict ${ref.resource}/${ref.name}`);
      end(ref, object, gracePeriodSeconds);
      fake.onChange({ verb: 'evict', ref });
      return 'evicted';
    },
  };
  return fake;
}

const asKube = (object: JsonObject): KubeObject => structuredClone(object) as unknown as KubeObject;

function matchesLabels(object: JsonObject, selector: string): boolean {
  const labels = ((object['metadata'] as JsonObject)['labels'] ?? {}) as JsonObject;
  return termsOf(selector).every(([name, value]) => labels[name] === value);
}

function matchesFields(object: JsonObject, selector: string): boolean {
  return termsOf(selector).every(([path, value]) => valueAt(object, path.split('.')) === value);
}

function termsOf(selector: string): [string, string][] {
  return selector
    .split(',')
    .filter((term) => term !== '')
    .map((term) => {
      const [name = '', value = ''] = term.split(/==?/);
      return [name, value];
    });
}

function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as Record<string, Json>)[key] : undefined),
    value,
  );
}

/** RFC 6902, as far as `JsonPatchStep` goes; null when a test fails or a path is not there. A test for null: nothing is there. */
function patchJson(object: JsonObject, steps: readonly JsonPatchStep[]): JsonObject | null {
  const patched = structuredClone(object) as Record<string, Json>;
  for (const { op, path, value } of steps) {
    const keys = path.split('/').slice(1).map(unescaped);
    const last = keys.pop() ?? '';
    const parent = valueAt(patched, keys);
    if (typeof parent !== 'object' || parent === null) return null;
    const holder = parent as Record<string, Json>;
    const isThere = Object.hasOwn(holder, last);
    if (op === 'test' && !isDeepStrictEqual(holder[last] ?? null, value)) return null;
    if (op === 'test') continue;
    if (op !== 'add' && !isThere) return null;
    if (Array.isArray(parent)) {
      const index = last === '-' ? parent.length : Number(last);
      parent.splice(index, op === 'add' ? 0 : 1, ...(op === 'remove' ? [] : [structuredClone(value ?? null)]));
    } else if (op === 'remove') delete holder[last];
    else holder[last] = structuredClone(value ?? null);
  }
  return patched;
}

const unescaped = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~');

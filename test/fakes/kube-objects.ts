import { randomUUID } from 'node:crypto';
import type { KubeMetadata, KubeObject } from '../../src/ports/kubernetes.ts';

export interface StoredEvent {
  readonly collection: string;
  readonly revision: number;
  readonly before: KubeObject | null;
  readonly after: KubeObject | null;
}

export type Stored = { readonly status: 200 | 201; readonly object: KubeObject } | Failure;

export interface Failure {
  readonly status: 404 | 409 | 422;
  readonly reason: 'NotFound' | 'AlreadyExists' | 'Conflict' | 'Invalid';
  readonly message: string;
}

type Fields = Record<string, unknown>;

/** What etcd and the registry do: one revision for all, optimistic concurrency, generations, finalizers. Collections are paths. */
export class KubeObjects {
  readonly events: StoredEvent[] = [];
  readonly collections = new Map<string, Map<string, KubeObject>>();
  revision = 100;
  onEvent: (event: StoredEvent) => void = () => {};

  get(collection: string, name: string): KubeObject | null {
    return this.collections.get(collection)?.get(name) ?? null;
  }

  list(collection: string): readonly KubeObject[] {
    return [...(this.collections.get(collection)?.values() ?? [])];
  }

  create(collection: string, given: KubeObject): Stored {
    const { name } = given.metadata;
    if (this.get(collection, name) !== null) {
      return { status: 409, reason: 'AlreadyExists', message: `${collection} "${name}" already exists` };
    }
    const born = { uid: randomUUID(), generation: 1, creationTimestamp: new Date().toISOString() };
    // A status is written through its subresource, by whoever may.
    const { status: _status, ...object } = given;
    return { status: 201, object: this.put(collection, { ...object, metadata: { ...given.metadata, ...born } }) };
  }

  /** A merge patch, of the object or of its status. */
  merge(collection: string, name: string, patch: Fields, subresource: string | undefined): Stored {
    const before = this.get(collection, name);
    if (before === null) return notFound(collection, name);
    const wanted = (patch['metadata'] as KubeMetadata | undefined)?.resourceVersion;
    if (wanted !== undefined && wanted !== before.metadata.resourceVersion) return conflict(name);
    const merged = mergePatch(before, subresource === 'status' ? { status: patch['status'] } : patch) as KubeObject;
    if (JSON.stringify(merged) === JSON.stringify(before)) return { status: 200, object: before };
    const changed = JSON.stringify(merged.spec) !== JSON.stringify(before.spec);
    const generation = (before.metadata.generation ?? 1) + (changed ? 1 : 0);
    const after = { ...merged, metadata: { ...merged.metadata, generation } };
    if (after.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0) {
      return this.remove(collection, before);
    }
    return { status: 200, object: this.put(collection, after) };
  }

  delete(collection: string, name: string, uid: string | undefined): Stored {
    const before = this.get(collection, name);
    if (before === null) return notFound(collection, name);
    if (uid !== undefined && uid !== before.metadata.uid) return conflict(name);
    if ((before.metadata.finalizers ?? []).length === 0) return this.remove(collection, before);
    const metadata = { ...before.metadata, deletionTimestamp: before.metadata.deletionTimestamp ?? new Date().toISOString() };
    return { status: 200, object: this.put(collection, { ...before, metadata }) };
  }

  /** Whatever it is, as somebody with full rights, or a bad disk, leaves it. */
  put(collection: string, given: KubeObject): KubeObject {
    const { name } = given.metadata;
    const before = this.get(collection, name);
    this.revision += 1;
    const after = { ...given, metadata: { ...given.metadata, resourceVersion: String(this.revision) } };
    const objects = this.collections.get(collection) ?? new Map<string, KubeObject>();
    this.collections.set(collection, objects.set(name, after));
    this.tell({ collection, revision: this.revision, before, after });
    return after;
  }

  private remove(collection: string, before: KubeObject): Stored {
    this.revision += 1;
    this.collections.get(collection)?.delete(before.metadata.name);
    this.tell({ collection, revision: this.revision, before, after: null });
    return { status: 200, object: before };
  }

  private tell(event: StoredEvent): void {
    this.events.push(event);
    this.onEvent(event);
  }
}

function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged: Fields = isFields(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notFound(collection: string, name: string): Failure {
  return { status: 404, reason: 'NotFound', message: `${collection} "${name}" not found` };
}

function conflict(name: string): Failure {
  return { status: 409, reason: 'Conflict', message: `"${name}" has been modified or is another object` };
}

import { AppError } from '../domain/errors.ts';
import type { Json, JsonObject } from '../domain/json.ts';
import type { KubeMetadata, KubeObject as AnyObject } from '../ports/kubernetes.ts';
import type { FaultContext } from './fault.ts';

/** Verbs on one resource, for RBAC: no wildcard. */
export interface ApiNeed {
  /** `` for the core group. */
  readonly group: string;
  /** Plural, with its subresource: `pods`, `pods/eviction`. */
  readonly resource: string;
  readonly verbs: readonly ('get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete')[];
  /** `namespace`: in each namespace that the agent may act in. */
  readonly scope: 'namespace' | 'cluster';
}

/** Names one object of the cluster. */
export interface ObjectRef {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** Plural: `pods`. */
  readonly resource: string;
  /** null for what is in no namespace. */
  readonly namespace: string | null;
  readonly name: string;
}

/** Any object that the cluster holds, as the API gives it. */
export interface KubeObject extends AnyObject {
  readonly metadata: KubeMetadata & { readonly uid: string; readonly resourceVersion: string };
  readonly [field: string]: unknown;
}

/** RFC 6902. `test` keeps what others changed meanwhile. */
export interface JsonPatchStep {
  readonly op: 'add' | 'remove' | 'replace' | 'test';
  readonly path: string;
  readonly value?: Json;
}

/**
 * The cluster's API, as far as a fault may use it. Every call ends by its own timeout. Errors: `cluster/forbidden` (names verb,
 * resource and namespace), `upstream/unreachable`.
 */
export interface ClusterTools {
  /** The agent's own, for a pod of ours beside a target. */
  readonly image: string;
  /** null when it is not there. */
  get<T extends KubeObject = KubeObject>(ref: ObjectRef): Promise<T | null>;
  /**
   * As `get`, and without a request where a watch shows that the object, which bears our mark, is as it was read before: to see
   * whether an effect is still there. Never to decide what to change, nor to read a revert back.
   */
  look<T extends KubeObject = KubeObject>(ref: ObjectRef): Promise<T | null>;
  list<T extends KubeObject = KubeObject>(
    of: Omit<ObjectRef, 'name'>,
    query?: { readonly labelSelector?: string; readonly fieldSelector?: string },
  ): Promise<readonly T[]>;
  /** `exists`: one of that name is there already, and is left as it is. */
  create(of: Omit<ObjectRef, 'name'>, body: JsonObject): Promise<'created' | 'exists'>;
  /** All steps or none. `conflict`: a test failed. */
  patch(ref: ObjectRef, steps: readonly JsonPatchStep[]): Promise<'patched' | 'conflict' | 'gone'>;
  /** `replaced`: another object has the name by now, and lives on. */
  delete(
    ref: ObjectRef,
    options: { readonly uid: string; readonly gracePeriodSeconds?: number },
  ): Promise<'deleted' | 'gone' | 'replaced'>;
  /** As `delete`, unless a disruption budget forbids it: `blocked`, with what it says. */
  evict(
    ref: ObjectRef,
    options: { readonly uid: string; readonly gracePeriodSeconds?: number },
  ): Promise<'evicted' | 'gone' | 'replaced' | { readonly blocked: string }>;
}

/** Errors: `internal/bug`, for admission lets no fault of the cluster's agent into another. */
export function clusterOf({ cluster, injectionId }: FaultContext): ClusterTools {
  if (cluster !== null) return cluster;
  throw new AppError('internal/bug', `injection "${injectionId}" needs the cluster's agent, and is in another. This is a bug`);
}

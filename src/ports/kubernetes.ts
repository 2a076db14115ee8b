/** An object of the API as it comes: what lies below `metadata` is for whoever asked to check. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: KubeMetadata;
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** A collection: `{ group: 'apps', version: 'v1', resource: 'deployments', namespace: 'payments' }`. The core group is `''`. */
export interface KubeResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Absent: of the whole cluster, or of all namespaces. */
  readonly namespace?: string;
}

/** What the server says no to without anything being wrong: gone, taken, expired, invalid, or an eviction that a budget holds up. */
export interface Refusal {
  readonly ok: false;
  readonly status: 404 | 409 | 410 | 422 | 429;
  /** The server's word for it, such as `AlreadyExists` or `Conflict`. */
  readonly reason: string;
  readonly message: string;
}

export type Answer<T> = { readonly ok: true; readonly object: T } | Refusal;

export interface CallOptions {
  /** For the whole call, a new connection included. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** On connections that nothing else uses: it waits for no burst of other calls. */
  readonly aside?: boolean;
}

export interface Selection {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Nothing below `metadata` leaves the server. */
  readonly metadataOnly?: boolean;
}

export interface KubeList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export type Patch =
  | { readonly type: 'merge'; readonly body: object }
  | { readonly type: 'json'; readonly body: readonly object[] }
  /** Server-side apply: makes the object when it is missing, and takes fields over from other managers. */
  | { readonly type: 'apply'; readonly body: object };

export interface DeleteOptions extends CallOptions {
  /** Deletes that very object and not its successor of the same name; 409 when it is another. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
}

/**
 * The API server. No call hangs longer than its timeout. Type parameters are the caller's word for what the server holds: check
 * what is not the server's own schema. Errors: `upstream/unreachable`, `upstream/refused`, `cluster/forbidden`.
 */
export interface KubeApi {
  /** As people know it, for messages. */
  readonly server: string;
  /** null: there is none. */
  get<T extends KubeObject = KubeObject>(resource: KubeResource, name: string, options?: CallOptions): Promise<T | null>;
  /** All of them, in pages. */
  list<T extends KubeObject = KubeObject>(resource: KubeResource, options?: Selection & CallOptions): Promise<KubeList<T>>;
  create<T extends KubeObject = KubeObject>(resource: KubeResource, object: object, options?: CallOptions): Promise<Answer<T>>;
  patch<T extends KubeObject = KubeObject>(
    resource: KubeResource,
    name: string,
    patch: Patch,
    options?: CallOptions & { readonly subresource?: 'status' | 'scale' },
  ): Promise<Answer<T>>;
  /** The object as it was last, or, once it is gone, the server's word that it is. */
  delete(resource: KubeResource, name: string, options?: DeleteOptions): Promise<Answer<KubeObject>>;
  /** Refused with 429 while a disruption budget does not allow it. */
  evict(pod: { readonly namespace: string; readonly name: string }, options?: DeleteOptions): Promise<Answer<KubeObject>>;
  /** Whatever has no method of its own. */
  request(call: KubeCall): Promise<Answer<unknown>>;
  /** Hears of every change after `resourceVersion`. Resolves when the server ends it; see `WatchHandlers` for the rest. */
  watch(resource: KubeResource, options: WatchOptions): Promise<void>;
  /** Ends idle connections; the process may end. */
  close(): void;
}

export interface KubeCall extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its leading slash, without the server. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }
  /** Nothing more is heard from where it was asked, which is too old, or was refused: list again. */
  | { readonly type: 'EXPIRED' };

export interface WatchOptions extends Selection {
  readonly resourceVersion: string;
  /** The server is asked to end the watch after this long. */
  readonly forSeconds: number;
  /** Silence of this long ends it with `upstream/unreachable`. */
  readonly quietMs: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: WatchEvent) => void;
  /** The server was heard: it takes the watch, or sent anything. */
  readonly onHeard: () => void;
}

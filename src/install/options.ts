import type { ApiNeed } from '../faults/cluster-tools.ts';
import type { JsonObject } from '../domain/json.ts';

/** What an installation consists of. Plain data: the same options give the same objects. */
export interface InstallOptions {
  /** Of records and of the cluster's agent; node agents have another beside it. */
  readonly namespace: string;
  /** Namespaces that may be acted in. */
  readonly namespaces: readonly string[];
  /** Nodes that may be acted on, by name or as `prefix*`. */
  readonly nodes: readonly string[];
  /** Of those that faults change, the worker may get these, and no other. */
  readonly configs: readonly ConfigName[];
  /** By digest, in a real installation. */
  readonly image: string;
  readonly pullSecret: string | null;
  /** Faults that need nothing but the API: no privileged namespace, and no node agents. */
  readonly apiFaultsOnly: boolean;
  /** The Prometheus operator is in the cluster: how it finds the agents, and what it should say. */
  readonly monitoring: boolean;
  /** What the enabled faults need of the API, by fault. */
  readonly needs: Readonly<Record<string, readonly ApiNeed[]>>;
  /** As `ClusterPolicy` (adapters/kubernetes/agent-policy.ts). */
  readonly policy: JsonObject;
  /** The CustomResourceDefinitions. */
  readonly customResources: readonly Manifest[];
}

/** A ConfigMap or a Secret that the environment file names. */
export interface ConfigName {
  readonly namespace: string;
  readonly resource: 'configmaps' | 'secrets';
  readonly name: string;
}

/** An object as it is sent to the API. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

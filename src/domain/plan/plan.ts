import type { JsonObject } from '../json.ts';
import type { Limits } from './limits.ts';
import type { Neighbour } from './survey.ts';

/**
 * The frozen, resolved form of an experiment in an environment: what exactly will happen. Approved and compared by its hash.
 * Plain JSON. Durations are seconds, ratios are 0..1.
 */
export interface Plan {
  readonly schemaVersion: 1;
  readonly experiment: { readonly name: string; readonly title: string };
  readonly environment: PlannedEnvironment;
  readonly scope: { readonly in: readonly string[]; readonly out: readonly string[] };
  readonly seed: number;
  readonly steps: readonly PlannedInjection[];
  readonly holdSeconds: number;
  readonly leaseSeconds: number;
  /** Steady state must hold, with data, for this long before anything is touched. */
  readonly baselineSeconds: number;
  /** Steady state must hold for `stableSeconds` in a row, within `timeoutSeconds`, to count as recovered. */
  readonly recovery: { readonly stableSeconds: number; readonly timeoutSeconds: number };
  /** Late alerts are still watched for this long after the revert. */
  readonly graceSeconds: number;
  readonly hypotheses: readonly PlannedHypothesis[];
  readonly probes: readonly PlannedProbe[];
  readonly expectedAlerts: readonly ExpectedAlert[];
  /** How long each stage but the last is watched before the next one is released; absent without stages. */
  readonly stageSeconds?: number;
  /** Each fault has stages of its own, and what was released last is taken back first. Absent: all at once. */
  readonly order?: 'in-turn';
  /** Held again before each release. Absent in plans from before they were kept. */
  readonly limits?: Limits;
  /** sha256 of the canonical JSON of everything above. */
  readonly hash: string;
  /** What was around the targets when they were chosen, per step: for people. Absent where nothing is known. */
  readonly surroundings?: readonly Surroundings[];
}

/** Around the targets of one step. */
export interface Surroundings {
  readonly step: number;
  /** Members that no fault of the plan touches. */
  readonly stays: readonly { readonly name: string; readonly node: string | null; readonly zone: string | null }[];
  /** There, and no targets; why. */
  readonly aside: readonly { readonly name: string; readonly why: string }[];
  /** PodDisruptionBudgets: how many pods each lets go now, and how many of its pods are targets. null: not worked out yet. */
  readonly budgets: readonly { readonly name: string; readonly allowed: number | null; readonly hit: number }[];
  /** What else runs on the targets that are nodes. */
  readonly neighbours: readonly Neighbour[];
  /** Of the service's requests, the share that the targets took when they were chosen; why it is unknown. null where nobody says how to ask. */
  readonly traffic: { readonly share: number } | { readonly unknown: string } | null;
}

export type PlannedEnvironment = EnvironmentLinks & (HostRecords | ClusterRecords);

/** Records are files under one directory. */
export interface HostRecords {
  readonly platform: 'host';
  /** Absolute path. */
  readonly stateDirectory: string;
}

/** Records are objects of a cluster. */
export interface ClusterRecords {
  readonly platform: 'kubernetes';
  readonly cluster: ClusterRef;
}

/** Which cluster, as a kubeconfig knows it. Never a credential. */
export interface ClusterRef {
  /** null: the kubeconfig's current one. */
  readonly context: string | null;
  /** Absolute path; null: as kubectl finds it (KUBECONFIG, ~/.kube/config, in a pod its service account). */
  readonly kubeconfig: string | null;
  /** Where records and agents are. */
  readonly namespace: string;
}

interface EnvironmentLinks {
  readonly name: string;
  readonly prometheusUrl: string;
  readonly alertmanagerUrls: readonly string[];
  /** Where Alertmanager posts to us; null when the environment has no receiver. */
  readonly receiverUrl: string | null;
  /** Absolute path of the run archive. */
  readonly archiveDirectory: string;
}

export type TargetKind =
  'process' | 'link' | 'volume' | 'postgres' | 'redis' | 'service' | 'pod' | 'container' | 'workload' | 'config' | 'node';

/** Who makes an injection true and false: the machine's agent, the cluster's (over its API), or one on the target's node. */
export type AgentKind = 'host' | 'cluster' | 'node';

/**
 * One thing a fault acts on. `uid` changes when the thing is replaced: a pid with its start time, a link's port, a path, the UID
 * of a Kubernetes object.
 */
export interface TargetRef {
  readonly kind: TargetKind;
  /** As the environment names it; `nodes` for a node. */
  readonly service: string;
  readonly name: string;
  readonly uid: string;
  /** What its agent needs to reach it (pid, ports, path, connection reference, namespace, node). Never a secret. */
  readonly locator: JsonObject;
}

/** What a person is asked to do in place of an agent. */
export interface ByHand {
  readonly instruction: string;
  readonly revertInstruction: string;
  /** How long they may take until they have confirmed that it is done; the way back takes as long as it takes. */
  readonly withinSeconds: number;
}

export interface PlannedInjection {
  readonly step: number;
  readonly ordinal: number;
  readonly stage: number;
  readonly fault: string;
  /** Absent in plans from before it was kept, and then `host`. */
  readonly agent?: AgentKind;
  /** As people wrote them; the fault's schema parses them when planning and again in the agent. */
  readonly params: JsonObject;
  readonly target: TargetRef;
  /** A person makes it true and false. Absent: its agent does. */
  readonly byHand?: ByHand;
  /** Pods end or restart by it, so that disruption budgets count. Absent: not. */
  readonly disrupts?: boolean;
  /** Said in the experiment and in the policy, both. Absent: neither. */
  readonly allowed?: { readonly all: boolean; readonly critical: boolean };
  /** How the target was chosen, for people: `3 of 6 payments-api, seed 42`. */
  readonly selection: { readonly selected: number; readonly of: number; readonly percent: number; readonly rule: string };
}

export type Comparator = '<' | '<=' | '>' | '>=' | '==' | '!=';

export type Unit = 'ratio' | 'seconds' | 'count' | 'per-second' | 'bytes' | 'none';

/** What is asked of an upstream to get one number. */
export type ProbeSource =
  | { readonly type: 'prometheus-ratio'; readonly bad: string; readonly total: string }
  | { readonly type: 'prometheus'; readonly query: string }
  | {
      readonly type: 'http';
      readonly url: string;
      readonly method: 'GET' | 'POST';
      readonly body: string | null;
      /** The measured value: the status code as 0 (expected) or 1 (not), or the latency. */
      readonly measure: 'failure' | 'latency';
      readonly expectStatus: number;
    };

export interface PlannedProbe {
  readonly name: string;
  /** `abort`: a breach reverts. `steady-state`: baseline, hypothesis and recovery. A probe may be both. */
  readonly roles: readonly ('abort' | 'steady-state')[];
  readonly source: ProbeSource;
  readonly comparator: Comparator;
  /** GOOD means `value comparator threshold`. */
  readonly threshold: number;
  readonly unit: Unit;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  /** A sample older than this is STALE. */
  readonly maxAgeSeconds: number;
  /** How far back the queries look: a value lags by up to this. Absent in plans from before it was kept, and then 0. */
  readonly windowSeconds?: number;
  /** Fewer events than this per window is LOWTRAFFIC (ratio probes). */
  readonly minEvents: number;
  /** n of the last m bad samples are a breach. */
  readonly breach: { readonly n: number; readonly m: number };
  /** Optional second, harder threshold: one sample beyond it is a breach at once. */
  readonly hardLimit: { readonly comparator: Comparator; readonly threshold: number } | null;
  /** Unknown for this long: hold (no new stage); then: breach as blind. */
  readonly holdAfterSeconds: number;
  readonly abortAfterSeconds: number;
  /** Seen from the user's side (HTTP, or counted by clients). */
  readonly userJourney: boolean;
}

/** `hold`: steady-state probes stay good while the fault is on. `recoverWithin`: they are good again in time. */
export interface PlannedHypothesis {
  readonly name: string;
  readonly statement: string;
  readonly slo: string | null;
  readonly checks: readonly HypothesisCheck[];
}

export interface HypothesisCheck {
  readonly name: string;
  readonly kind: 'hold' | 'recoverWithin' | 'invariant' | 'eventHappens' | 'eventWithin';
  readonly probe: string;
  /** For recoverWithin and eventWithin. */
  readonly withinSeconds: number | null;
}

export interface ExpectedAlert {
  readonly alertname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: string | null;
  readonly withinSeconds: number;
}

export function injectionIdOf(runId: string, step: { step: number; ordinal: number }): string {
  return `${runId}-${step.step}-${step.ordinal}`;
}

import type { InjectionSpec, InjectionStatus } from './injection/records.ts';
import type { JsonObject } from './json.ts';
import type { Sample } from './measure/sample.ts';
import type { HypothesisCheck, Plan, Unit } from './plan/plan.ts';

export type HypothesisResult = 'held' | 'broken' | 'inconclusive';
export type Ending = 'completed' | 'aborted' | 'not-started' | 'failed';
export type Cleanup = 'clean' | 'dirty';
export type MitigatedBy = 'responder' | 'auto-heal' | 'expiry' | 'abort' | 'halt';

export interface AbortedBy {
  readonly kind: 'probe' | 'blind' | 'halt' | 'person' | 'lease' | 'deadline' | 'agent' | 'guard';
  readonly name: string;
}

export interface Outcome {
  readonly hypothesis: HypothesisResult;
  readonly ending: Ending;
  readonly cleanup: Cleanup;
  readonly reason: string;
  readonly abortedBy: AbortedBy | null;
  readonly mitigatedBy: MitigatedBy | null;
}

/** Canonical timestamps (measurement 2.2). ISO ms, in the worker's clock after offset correction; null: did not happen. */
export const clockNames = [
  'commanded',
  't0',
  'impact',
  'pending',
  'fired',
  'notified',
  'noticed',
  'acknowledged',
  'diagnosed',
  'acted',
  'mitigated',
  'recovered',
  'reverted',
  'cleared',
  'restored',
] as const;
export type ClockName = (typeof clockNames)[number];

/** One instant with bounds: lo ≤ at ≤ hi, and where it was read. */
export interface Instant {
  readonly at: string;
  readonly lo: string;
  readonly hi: string;
  readonly source: string;
}
export type Clocks = Readonly<Record<ClockName, Instant | null>>;

export const metricNames = ['tti', 'ttd', 'ttn', 'tta', 'ttm', 'ttr'] as const;
export type MetricName = (typeof metricNames)[number];

/** Only `measured` (and `assisted`, later) is a number of a team. A `censored` one says "at least lo". */
export type MetricStatus =
  | 'measured'
  | 'censored'
  | 'no-impact'
  | 'missed'
  | 'late'
  | 'pre-existing'
  | 'primed'
  | 'suppressed'
  | 'unacked'
  | 'not-restored'
  | 'undetectable-by-design'
  | 'not-measured';

export interface Metric {
  readonly status: MetricStatus;
  /** Seconds; null unless there is an instant at each end. For `censored` the value is null and `lo` is the least it can be. */
  readonly seconds: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly source: string;
  /** One sentence: why this status. */
  readonly note: string;
}
export type Metrics = Readonly<Record<MetricName, Metric>>;

/** One line of the merged timeline. */
export interface TimelineEvent {
  readonly at: string;
  readonly source: 'run' | 'agent' | 'alert' | 'person' | 'probe' | 'game-day';
  /** Machine word: `injection.active`, `alert.firing`, `person.acknowledged` … */
  readonly kind: string;
  readonly text: string;
  readonly by?: string;
  readonly data?: JsonObject;
}

export type AlertClass =
  | 'true-positive'
  | 'late'
  | 'missed'
  | 'undetectable-by-design'
  | 'censored'
  | 'pre-existing'
  | 'primed'
  | 'suppressed'
  | 'wrong-severity'
  | 'unexpected';

export interface AlertEpisode {
  readonly alertname: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expected: boolean;
  readonly class: AlertClass;
  readonly pendingAt: string | null;
  readonly firedAt: string | null;
  readonly notifiedAt: string | null;
  readonly clearedAt: string | null;
}

export interface ProbeSummary {
  readonly name: string;
  readonly roles: readonly string[];
  readonly userJourney: boolean;
  readonly unit: Unit;
  readonly rule: string;
  readonly query: string;
  readonly samples: number;
  readonly good: number;
  readonly bad: number;
  readonly unknown: number;
  /** decided ÷ all; a verdict needs 0.8. */
  readonly coverage: number;
  readonly worst: number | null;
  readonly baselineMedian: number | null;
  /** Of the probe's state machine; of an event, whether it was seen. */
  readonly finalState: string;
}

export interface CheckResult {
  readonly name: string;
  readonly kind: HypothesisCheck['kind'];
  readonly probe: string;
  readonly result: HypothesisResult;
  readonly note: string;
}

export interface HypothesisOutcome {
  readonly name: string;
  readonly statement: string;
  readonly slo: string | null;
  readonly result: HypothesisResult;
  readonly checks: readonly CheckResult[];
}

export interface Finding {
  readonly severity: 'high' | 'medium' | 'low';
  readonly category: 'resilience' | 'monitoring' | 'runbook' | 'process' | 'training' | 'safety';
  readonly text: string;
  readonly draftAction: string;
}

export interface GuardResult {
  readonly guard: string;
  readonly result: 'ok' | 'warning' | 'blocked';
  readonly reason: string;
}

/** What a run leaves behind as `run.json`: everything the report needs. Versioned, additive. */
export interface RunRecord {
  readonly schemaVersion: 1;
  readonly run: {
    readonly id: string;
    readonly experiment: string;
    readonly environment: string;
    readonly planHash: string;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly seed: number;
    readonly firedrillVersion: string;
  };
  readonly outcome: Outcome;
  readonly clocks: Clocks;
  readonly metrics: Metrics;
  readonly safety: {
    readonly breachToRevertCommandMs: number | null;
    readonly breachToRevertVerifiedMs: number | null;
    readonly injectionSkewMs: number | null;
    readonly blastRadius: { readonly selected: number; readonly of: number; readonly percent: number };
  };
  readonly plan: Plan;
  readonly guards: readonly GuardResult[];
  readonly hypotheses: readonly HypothesisOutcome[];
  readonly probes: readonly ProbeSummary[];
  readonly alerts: readonly AlertEpisode[];
  readonly injections: readonly { readonly spec: InjectionSpec; readonly status: InjectionStatus | null }[];
  readonly findings: readonly Finding[];
  readonly timeline: readonly TimelineEvent[];
  readonly samples: readonly Sample[];
  readonly dataQuality: {
    readonly clockOffsets: readonly { readonly upstream: string; readonly offsetMs: number; readonly errorMs: number }[];
    readonly scrapeIntervalSeconds: number | null;
    readonly evaluationIntervalSeconds: number | null;
    readonly notes: readonly string[];
  };
  readonly nextStep: string;
}

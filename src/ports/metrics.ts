import type { SeenAlert } from '../domain/measure/alerts-seen.ts';

/** One stored series with its true sample times. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** [unix seconds, value] in time order. */
  readonly points: readonly (readonly [number, number])[];
}

export interface AlertRule {
  readonly name: string;
  readonly query: string;
  readonly forSeconds: number;
  readonly intervalSeconds: number;
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A rule that writes a series of its own. */
export interface RecordingRule {
  readonly name: string;
  readonly query: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a metric says of itself; a part is empty when it does not say. */
export interface MetricMetadata {
  readonly type: string;
  readonly unit: string;
  readonly help: string;
}

/** A Prometheus. Every call has its own timeout and obeys the signal. Errors: `upstream/unreachable`, `upstream/refused`. */
export interface MetricsSource {
  /** Instant vector at server time: [unix seconds, value] per series. A scalar is one series without labels. */
  instant(
    query: string,
    options?: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<{ series: readonly Series[]; warnings: readonly string[] }>;
  /** Raw stored samples: a range selector asked as an instant query at `at` (unix seconds), never query_range. A partial answer is an error. */
  raw(selector: string, windowSeconds: number, at: number): Promise<readonly Series[]>;
  alertRules(): Promise<readonly AlertRule[]>;
  /** Pending and firing now, on the upstream's clock. */
  activeAlerts(options?: { timeoutMs?: number }): Promise<readonly SeenAlert[]>;
  /** server − local, from `time()`; error is half the round trip. */
  clockOffset(): Promise<{ offsetMs: number; errorMs: number }>;
  recordingRules(): Promise<readonly RecordingRule[]>;
  /** Of the series of the last hour that the selector fits; of all of them without one. */
  labelNames(selector?: string): Promise<readonly string[]>;
  labelValues(label: string, selector?: string): Promise<readonly string[]>;
  metricNames(selector: string): Promise<readonly string[]>;
  /** null when nothing is known of it: it is recorded, or was pushed. */
  metadata(metric: string): Promise<MetricMetadata | null>;
  /** Base URLs of the Alertmanagers it sends alerts to. */
  alertmanagers(): Promise<readonly string[]>;
  ready(): Promise<boolean>;
}

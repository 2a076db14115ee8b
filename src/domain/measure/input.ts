import type { InjectionSpec, InjectionStatus } from '../injection/records.ts';
import type { Plan } from '../plan/plan.ts';
import type { AbortedBy, Ending, GuardResult, TimelineEvent } from '../run-record.ts';
import type { Sample } from './sample.ts';

/** One stored series with its true sample times: [unix seconds, value], in time order, on the upstream's clock. */
export interface RawSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [number, number])[];
}

/** What is known of an alerting rule: `for` and the evaluation interval decide when it can fire at the earliest. */
export interface RuleFacts {
  readonly name: string;
  readonly query: string;
  readonly forSeconds: number;
  readonly intervalSeconds: number;
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One alert inside one webhook delivery; `receivedAt` on our clock, `startsAt` on Prometheus's. ISO ms. */
export interface DeliveredAlert {
  readonly receivedAt: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly fingerprint: string;
}

/** upstream − worker. Correcting subtracts it; the error widens the bounds. */
export interface ClockOffset {
  readonly upstream: string;
  readonly offsetMs: number;
  readonly errorMs: number;
}

/**
 * The raw counters behind one probe, as stored: each interval between two scrapes is judged by itself, so that impact and
 * recovery are not smeared by the query's own rate window. The selectors come from `rawSelectorsOf(probe.source)`.
 */
export type RawSli = RawRatio | RawQuantile;

export interface RawRatio {
  readonly kind: 'ratio';
  readonly probe: string;
  readonly bad: readonly RawSeries[];
  readonly total: readonly RawSeries[];
}

/** The cumulative buckets of a histogram, told apart by `le`. */
export interface RawQuantile {
  readonly kind: 'quantile';
  readonly probe: string;
  /** 0..1 */
  readonly quantile: number;
  readonly buckets: readonly RawSeries[];
}

/** Everything `buildRunRecord` needs; an activity gathers it after the grace period. Plain JSON. */
export interface MeasurementInput {
  readonly runId: string;
  readonly version: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly plan: Plan;
  readonly guards: readonly GuardResult[];
  readonly ending: { readonly ending: Ending; readonly reason: string; readonly abortedBy: AbortedBy | null };
  readonly injections: readonly { readonly spec: InjectionSpec; readonly status: InjectionStatus | null }[];
  readonly timeline: readonly TimelineEvent[];
  readonly samples: readonly Sample[];
  /** Of user-journey probes with raw selectors; a probe without an entry is judged by its samples. */
  readonly rawSli: readonly RawSli[];
  /** Raw `ALERTS{…}` and `ALERTS_FOR_STATE{…}` over [baseline start, end + grace]; told apart by `__name__`. */
  readonly alertSeries: readonly RawSeries[];
  readonly deliveries: readonly DeliveredAlert[];
  readonly rules: readonly RuleFacts[];
  /** URLs of upstreams that could not be asked when the run had ended: what they know is not known here. */
  readonly unanswered: readonly string[];
  /** `upstream` is the URL in the plan's environment. */
  readonly clockOffsets: readonly ClockOffset[];
  readonly scrapeIntervalSeconds: number | null;
}

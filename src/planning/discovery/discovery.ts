import type { LeftOut } from './candidates.ts';
import type { ErrorsProposal, LatencyProposal, Proposal } from './proposals.ts';

/** A proposal that was asked and answered, with what it says now: a share from 0 to 1, or seconds. */
export type Working<P extends Proposal> = P & { readonly now: number };

/** With the bucket's bound that it is held against. */
export type WorkingLatency = Working<LatencyProposal> & { readonly limitSeconds: number };

/** An alert rule that reads series of the service, or carries its label. */
export interface FoundAlert {
  readonly name: string;
  readonly query: string;
  readonly severity: string | null;
  /** What its alerts carry that tells them from those of other services; null when it mixes services. */
  readonly labels: Readonly<Record<string, string>> | null;
  /** From a change that suffices to the alert, at the latest, when no scrape is lost. */
  readonly detectionSeconds: number;
  /** Whether it reads what the probes read, or the service's `up`: then an experiment on the service may expect it. */
  readonly expected: boolean;
  readonly active: boolean;
}

export interface FoundRecording {
  readonly name: string;
  readonly query: string;
}

/** What a Prometheus holds of one service, and what of it a run can use. Plain data. */
export interface Discovery {
  readonly prometheusUrl: string;
  readonly service: string;
  readonly matchers: string;
  readonly metricCount: number;
  readonly scrapeSeconds: number;
  readonly windowSeconds: number;
  /** Best first, at most one of each view. Together with latency never empty. */
  readonly errors: readonly Working<ErrorsProposal>[];
  readonly latency: WorkingLatency | null;
  readonly leftOut: readonly LeftOut[];
  readonly instances: readonly string[];
  readonly alerts: readonly FoundAlert[];
  readonly recordings: readonly FoundRecording[];
  readonly alertmanagers: readonly string[];
}

import type { Delivery } from './alerts.ts';
import type { RunRecord, TimelineEvent } from '../domain/run-record.ts';
import type { Sample } from '../domain/measure/sample.ts';
import type { Plan } from '../domain/plan/plan.ts';

/** One line of a list. Texts are empty where nothing tells them. */
export interface ArchivedRun {
  readonly id: string;
  readonly environment: string;
  readonly experiment: string;
  readonly startedAt: string;
  /** null: in progress, cut off, or not readable. */
  readonly outcome: RunRecord['outcome'] | null;
  /** Why the record cannot be read; null when it can, or is not there. */
  readonly problem: string | null;
}

/**
 * Where a run's evidence goes while it happens and after. Appends are durable line by line; an activity that goes on
 * elsewhere appends to its own segment and reading merges them in time order. Errors: `archive/failed`, and of
 * what is read `record/corrupt` and `record/newer`.
 */
export interface Archive {
  begin(runId: string, plan: Plan): Promise<void>;
  appendTimeline(runId: string, event: TimelineEvent): Promise<void>;
  appendSamples(runId: string, samples: readonly Sample[]): Promise<void>;
  readPlan(runId: string): Promise<Plan | null>;
  readTimeline(runId: string): Promise<readonly TimelineEvent[]>;
  readSamples(runId: string): Promise<readonly Sample[]>;
  writeRecord(record: RunRecord, files: Readonly<Record<string, string>>): Promise<string>;
  readRecord(runId: string): Promise<RunRecord | null>;
  /** Newest first. A run whose record cannot be read is there, with the reason. */
  list(): Promise<readonly ArchivedRun[]>;
  /** Webhook deliveries received between two instants. */
  appendDeliveries(deliveries: readonly Delivery[]): Promise<void>;
  readDeliveries(from: string, to: string): Promise<readonly Delivery[]>;
}

import type { InjectionSpec, InjectionStatus } from '../domain/injection/records.ts';
import type { MeasurementInput } from '../domain/measure/input.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { GuardResult, TimelineEvent } from '../domain/run-record.ts';

/** What the workflow knows of a run at its end. */
export interface RunFacts {
  readonly runId: string;
  readonly plan: Plan;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly guards: readonly GuardResult[];
  readonly specs: readonly InjectionSpec[];
  readonly statuses: readonly InjectionStatus[];
  /** Events that the archive would not take while they happened. */
  readonly unrecorded: readonly TimelineEvent[];
  readonly end: MeasurementInput['ending'];
}

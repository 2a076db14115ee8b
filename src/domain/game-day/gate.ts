import type { Plan } from '../plan/plan.ts';

/** What was found when a scenario's turn came. */
export interface GateAnswer {
  /** Why it may not begin now, for people; empty: it may. */
  readonly closed: readonly string[];
  /** The plan that the day showed, on the same targets as they are now. */
  readonly plan: Plan;
  /** The targets that were replaced since the day was planned, for people. */
  readonly replaced: readonly string[];
}

import type { InjectionSpec } from '../injection/records.ts';
import { byHandSecondsOf, exposureSecondsOf, stagesOf } from './exposure.ts';
import { injectionIdOf } from './plan.ts';
import type { Plan } from './plan.ts';

/** Time for each stage's arming and release on top of the hold, before the agents' absolute deadline ends the fault whatever happens. */
const armingAllowanceSeconds = 30;

const leastUnwindSeconds = 30;

/** How long a stage that is taken back before the others may take, until all are reverted at once: by hand, as long as it took to come. */
export function unwindSecondsOf(plan: Pick<Plan, 'steps'>, stage: number): number {
  return Math.max(leastUnwindSeconds, byHandSecondsOf(plan, stage));
}

/** The absolute deadline of every injection of a run that begins to inject at `nowMs` (unix ms). */
export function deadlineOf(plan: Plan, nowMs: number): string {
  const stages = stagesOf(plan);
  // The first one is taken back with the revert of all.
  const unwound = plan.order === 'in-turn' ? stages.slice(1) : [];
  const unwinding = unwound.reduce((sum, stage) => sum + unwindSecondsOf(plan, stage), 0);
  return new Date(nowMs + (exposureSecondsOf(plan) + armingAllowanceSeconds * stages.length + unwinding) * 1000).toISOString();
}

export function injectionSpecsOf(plan: Plan, runId: string, deadline: string): InjectionSpec[] {
  return plan.steps.map((step) => ({
    schemaVersion: 1,
    id: injectionIdOf(runId, step),
    runId,
    environment: plan.environment.name,
    stage: step.stage,
    fault: step.fault,
    ...(step.agent === undefined ? {} : { agent: step.agent }),
    params: step.params,
    target: step.target,
    deadline,
    leaseSeconds: plan.leaseSeconds,
  }));
}

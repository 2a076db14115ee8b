import type { InjectionSpec } from '../injection/records.ts';
import { exposureSecondsOf, stageCountOf } from './exposure.ts';
import { injectionIdOf } from './plan.ts';
import type { Plan } from './plan.ts';

/** Time for each stage's arming and release on top of the hold, before the agents' absolute deadline ends the fault whatever happens. */
const armingAllowanceSeconds = 30;

/** How long a stage that is taken back before the others may take, until all are reverted at once. */
export const unwindSecondsPerStage = 30;

/** The absolute deadline of every injection of a run that begins to inject at `nowMs` (unix ms). */
export function deadlineOf(plan: Plan, nowMs: number): string {
  const stages = stageCountOf(plan);
  const unwinding = plan.order === 'in-turn' ? unwindSecondsPerStage * (stages - 1) : 0;
  return new Date(nowMs + (exposureSecondsOf(plan) + armingAllowanceSeconds * stages + unwinding) * 1000).toISOString();
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

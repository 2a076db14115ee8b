import { checkGuards } from '../guards/index.ts';
import type { InjectionSpec } from '../domain/injection/records.ts';
import type { GameDayFacts } from '../domain/game-day/record.ts';
import type { Plan, PlannedEnvironment } from '../domain/plan/plan.ts';
import type { TimelineEvent } from '../domain/run-record.ts';
import type { ActivityDeps } from './connections.ts';
import { asFailure } from './failure.ts';
import { finishGameDay } from './finish-game-day.ts';
import { finishRun } from './finish-run.ts';
import type { RunFacts } from './run-facts.ts';
import { openGate } from './open-gate.ts';
import { revert } from './revert.ts';
import { observeRecovery, sampleBaseline } from './steady-state.ts';
import { watch } from './watch.ts';

/** What the workflows call. Each is thin: what it does stands in a file of its own. */
export function createActivities(deps: ActivityDeps) {
  return {
    checkGuards: asFailure((_runId: string, plan: Plan) =>
      checkGuards({ plan, clock: deps.clock, platform: deps.platformOf(plan.environment), ...deps.connect(plan.environment) }),
    ),
    sampleBaseline: asFailure((runId: string, plan: Plan) => sampleBaseline(deps, runId, plan)),
    watch: asFailure((runId: string, plan: Plan, specs: readonly InjectionSpec[]) => watch(deps, runId, plan, specs)),
    observeRecovery: asFailure((runId: string, plan: Plan, specs: readonly InjectionSpec[]) =>
      observeRecovery(deps, runId, plan, specs),
    ),
    recordEvent: asFailure((runId: string, plan: Plan, event: TimelineEvent) =>
      deps.connect(plan.environment).archive.appendTimeline(runId, event),
    ),
    finishRun: asFailure((facts: RunFacts) => finishRun(deps, facts)),
    recordDayEvent: asFailure((dayId: string, environment: PlannedEnvironment, event: TimelineEvent) =>
      deps.connect(environment).archive.appendTimeline(dayId, event),
    ),
    openGate: asFailure((plan: Plan) => openGate(deps, plan)),
    finishGameDay: asFailure((facts: GameDayFacts) => finishGameDay(deps, facts)),
    ...createRevertActivities(deps),
  };
}

/** Served on a queue of their own. */
export function createRevertActivities(deps: ActivityDeps) {
  return { revert: asFailure((runId: string, plan: Plan, specs: readonly InjectionSpec[]) => revert(deps, runId, plan, specs)) };
}

export type Activities = ReturnType<typeof createActivities>;

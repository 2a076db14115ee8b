import { AppError } from '../domain/errors.ts';
import type { GameDayPlan, PlannedScenario } from '../domain/game-day/plan.ts';
import { leastSecondsOf } from '../domain/game-day/schedule.ts';
import type { GameDay } from '../spec/game-day.ts';
import { hashOf } from './hash-of.ts';
import { createPlan, plannedEnvironment } from './create-plan.ts';
import type { PlanRequest } from './create-plan.ts';
import { findSpec } from './workspace.ts';

/**
 * Every scenario is resolved now, so that the day starts only when all of it could. Errors: as `createPlan`; `spec/invalid`
 * for a time box that its run cannot fit.
 */
export async function createGameDayPlan(day: GameDay, request: Omit<PlanRequest, 'experiment'>): Promise<GameDayPlan> {
  const scenarios: PlannedScenario[] = [];
  for (const { name, objective, timeboxSeconds, experiment, manual } of day.scenarios) {
    const frame = { name, objective, timeboxSeconds };
    if (experiment === undefined) {
      scenarios.push({ kind: 'manual', ...frame, steps: manual ?? [] });
      continue;
    }
    const plan = await createPlan({ ...request, experiment: findSpec(request.workspace, 'Experiment', experiment) });
    const leastSeconds = leastSecondsOf(plan);
    if (leastSeconds > timeboxSeconds) {
      throw new AppError(
        'spec/invalid',
        `scenario ${name}: its time box is ${timeboxSeconds} s, and a run of ${experiment} takes at least ${leastSeconds} s. Give it more`,
      );
    }
    scenarios.push({ kind: 'experiment', ...frame, plan });
  }
  const plan: Omit<GameDayPlan, 'hash'> = {
    schemaVersion: 1,
    name: day.name,
    title: day.title,
    purpose: day.purpose,
    environment: plannedEnvironment(request.environment),
    disclosure: day.disclosure,
    roles: day.roles,
    checklist: day.checklist,
    scenarios,
    pauseSeconds: day.pauseSeconds,
    communication: day.communication,
    retrospective: day.retrospective,
  };
  // As with a plan: what was only seen is no part of what is approved.
  return { ...plan, hash: hashOf({ ...plan, scenarios: scenarios.map(withoutSurroundings) }) };
}

function withoutSurroundings(scenario: PlannedScenario): PlannedScenario {
  if (scenario.kind === 'manual') return scenario;
  const { surroundings: _, ...plan } = scenario.plan;
  return { ...scenario, plan };
}

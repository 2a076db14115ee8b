import { createHash } from 'node:crypto';
import type { GameDayPlan, PlannedScenario } from '../domain/game-day/plan.ts';
import type { Json } from '../domain/json.ts';
import { canonicalJson } from '../domain/plan/canonical-json.ts';
import type { GameDay } from '../spec/game-day.ts';
import { createPlan, plannedEnvironment } from './create-plan.ts';
import type { PlanRequest } from './create-plan.ts';
import { findSpec } from './workspace.ts';

/** Every scenario is resolved now, so that the day starts only when all of it could. Errors: as `createPlan`. */
export async function createGameDayPlan(day: GameDay, request: Omit<PlanRequest, 'experiment'>): Promise<GameDayPlan> {
  const scenarios: PlannedScenario[] = [];
  for (const { name, objective, timeboxSeconds, experiment, manual } of day.scenarios) {
    const frame = { name, objective, timeboxSeconds };
    scenarios.push(
      experiment === undefined
        ? { kind: 'manual', ...frame, steps: manual ?? [] }
        : {
            kind: 'experiment',
            ...frame,
            plan: await createPlan({ ...request, experiment: findSpec(request.workspace, 'Experiment', experiment) }),
          },
    );
  }
  const plan: Omit<GameDayPlan, 'hash'> = {
    schemaVersion: 1,
    name: day.name,
    title: day.title,
    environment: plannedEnvironment(request.environment),
    disclosure: day.disclosure,
    roles: day.roles,
    checklist: day.checklist,
    scenarios,
    pauseSeconds: day.pauseSeconds,
    communication: day.communication,
    retrospective: day.retrospective,
  };
  // A plan is plain JSON by its contract; interfaces have no index signature to say so.
  const hash = createHash('sha256').update(canonicalJson(plan as unknown as Json));
  return { ...plan, hash: hash.digest('hex') };
}

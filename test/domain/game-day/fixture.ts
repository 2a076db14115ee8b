import type { GameDayPlan } from '../../../src/domain/game-day/plan.ts';
import type { GameDayFacts, ScenarioResult } from '../../../src/domain/game-day/record.ts';
import { planOf } from '../../report/fixtures/plan.ts';

/** A day of one run and one hand-over. */
export const dayPlan: GameDayPlan = {
  schemaVersion: 1,
  name: 'rehearsal',
  title: 'A rehearsal',
  purpose: 'See whether the team sees it',
  environment: planOf().environment,
  disclosure: 'announced',
  roles: [
    { role: 'facilitator', people: ['ada'] },
    { role: 'responder', people: ['grace'] },
  ],
  checklist: [],
  scenarios: [
    { kind: 'experiment', name: 'slow', objective: 'See it', timeboxSeconds: 600, plan: planOf() },
    { kind: 'manual', name: 'hand-over', objective: 'Lose nothing', timeboxSeconds: 300, steps: ['Hand over'] },
  ],
  pauseSeconds: 60,
  communication: null,
  retrospective: { questions: ['What surprised us?'], actionsDueWithinSeconds: 14 * 86_400 },
  hash: 'f'.repeat(64),
};

export function result(name: string, known: Partial<ScenarioResult> = {}): ScenarioResult {
  return { name, state: 'skipped', reason: 'no time', startedAt: null, endedAt: null, runId: null, output: null, ...known };
}

export function factsOf(results: readonly ScenarioResult[]): GameDayFacts {
  return {
    dayId: 'rehearsal-1',
    plan: dayPlan,
    startedAt: '2026-11-21T10:41:00.000Z',
    endedAt: '2026-11-21T11:00:00.000Z',
    results,
    ending: 'completed',
    reason: 'every scenario had its turn',
  };
}

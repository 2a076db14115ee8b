import { exitCodeOf } from '../measure/exit-code.ts';
import type { RunRecord, TimelineEvent } from '../run-record.ts';
import { draftActions } from './actions.ts';
import type { GameDayFacts, GameDayRecord, ScenarioRecord } from './record.ts';

/** From what the day's workflow knows, its own events, and the records of its runs (by run id). */
export function buildGameDayRecord(
  facts: GameDayFacts,
  events: readonly TimelineEvent[],
  runs: ReadonlyMap<string, RunRecord>,
): GameDayRecord {
  const { plan, results } = facts;
  const scenarios = results.map((result, index): ScenarioRecord => {
    const { output: _, ...known } = result;
    const planned = plan.scenarios[index];
    const run = result.runId === null ? undefined : runs.get(result.runId);
    return {
      ...known,
      objective: planned?.objective ?? '',
      kind: planned?.kind ?? 'manual',
      steps: planned?.kind === 'manual' ? planned.steps : [],
      run: run === undefined ? null : digestOf(run),
    };
  });
  // A run without a record was not seen to be clean.
  const clean = scenarios.every(({ runId, run }) => runId === null || run?.outcome.cleanup === 'clean');
  return {
    schemaVersion: 1,
    day: {
      id: facts.dayId,
      name: plan.name,
      title: plan.title,
      environment: plan.environment.name,
      planHash: plan.hash,
      startedAt: facts.startedAt,
      endedAt: facts.endedAt,
      disclosure: plan.disclosure,
      roles: plan.roles,
    },
    ending: facts.ending,
    cleanup: clean ? 'clean' : 'dirty',
    reason: facts.reason,
    scenarios,
    questions: plan.retrospective.questions,
    actions: draftActions(scenarios, Date.parse(facts.endedAt) + plan.retrospective.actionsDueWithinSeconds * 1000),
    timeline: [...events, ...[...runs.values()].flatMap(({ timeline }) => timeline)].toSorted(
      (a, b) => Date.parse(a.at) - Date.parse(b.at),
    ),
    closedAt: null,
  };
}

/** What matters most to a caller first; the words behind the numbers are those of a run. */
const worstFirst = [5, 6, 4, 3, 1] as const;

/** The worst of the day and its runs. */
export function dayExitCodeOf({ cleanup, ending, scenarios }: GameDayRecord): number {
  const codes = new Set([
    ...(cleanup === 'dirty' ? [5] : []),
    ...(ending === 'aborted' ? [6] : ending === 'failed' ? [4] : []),
    ...scenarios.flatMap(({ run }) => (run === null ? [] : [exitCodeOf(run)])),
  ]);
  return worstFirst.find((code) => codes.has(code)) ?? 0;
}

function digestOf({ run, outcome, hypotheses, metrics, alerts, findings }: RunRecord): ScenarioRecord['run'] {
  return { experiment: run.experiment, planHash: run.planHash, outcome, hypotheses, metrics, alerts, findings };
}

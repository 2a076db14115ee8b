import { exitCodeOf } from '../measure/exit-code.ts';
import type { RunRecord, TimelineEvent } from '../run-record.ts';
import { draftActions } from './actions.ts';
import { scenarioFindings } from './findings.ts';
import type { PlannedScenario } from './plan.ts';
import type { GameDayFacts, GameDayRecord, ScenarioRecord, ScenarioResult } from './record.ts';

/** From what the day's workflow knows, its own events, and the records of its runs (by run id). */
export function buildGameDayRecord(
  facts: GameDayFacts,
  events: readonly TimelineEvent[],
  runs: ReadonlyMap<string, RunRecord>,
): GameDayRecord {
  const { plan, results } = facts;
  const scenarios = results.flatMap((result) => {
    const planned = plan.scenarios.find(({ name }) => name === result.name);
    return planned === undefined ? [] : [scenarioRecord(planned, result, runs.get(result.runId ?? ''))];
  });
  // A run without a record was not seen to be clean.
  const clean = scenarios.every(({ runId, run }) => runId === null || run?.outcome.cleanup === 'clean');
  return {
    schemaVersion: 1,
    day: {
      id: facts.dayId,
      name: plan.name,
      title: plan.title,
      purpose: plan.purpose,
      environment: plan.environment.name,
      planHash: plan.hash,
      startedAt: facts.startedAt,
      endedAt: facts.endedAt,
      disclosure: plan.disclosure,
      roles: plan.roles,
      communication: plan.communication,
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

function scenarioRecord(planned: PlannedScenario, result: ScenarioResult, run: RunRecord | undefined): ScenarioRecord {
  const { output: _, ...known } = result;
  return {
    ...known,
    objective: planned.objective,
    kind: planned.kind,
    steps: planned.kind === 'manual' ? planned.steps : [],
    plannedHash: planned.kind === 'manual' ? null : planned.plan.hash,
    findings: scenarioFindings(planned, result, run),
    run: run === undefined ? null : digestOf(run),
  };
}

function digestOf({ run, outcome, hypotheses, clocks, metrics, alerts }: RunRecord): ScenarioRecord['run'] {
  return { experiment: run.experiment, planHash: run.planHash, outcome, hypotheses, clocks, metrics, alerts };
}

/** The precedence of runs (architecture, section 7); what an aborted day skips was not blocked. */
const worstFirst = [5, 3, 6, 4, 1] as const;

/** The worst of the day and its scenarios, in the words of a run. */
export function dayExitCodeOf({ cleanup, ending, scenarios }: GameDayRecord): number {
  if (cleanup === 'dirty') return 5;
  if (ending === 'aborted') return 6;
  const codes = new Set(scenarios.map(scenarioExitCode));
  return worstFirst.find((code) => codes.has(code)) ?? (ending === 'failed' ? 4 : 0);
}

function scenarioExitCode({ state, run }: ScenarioRecord): number {
  if (run !== null) return exitCodeOf(run);
  return { skipped: 3, 'timed-out': 4, ran: 5, done: 0 }[state];
}

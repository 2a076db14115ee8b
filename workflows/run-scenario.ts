import { ChildWorkflowFailure, isCancellation, startChild, workflowInfo } from '@temporalio/workflow';
import type { GameDayState } from './game-day-state.ts';
import { runExperiment } from './run-experiment.ts';
import { scenarioRunId } from '../src/domain/game-day/plan.ts';
import type { ExperimentScenario, ManualScenario } from '../src/domain/game-day/plan.ts';
import type { ScenarioResult } from '../src/domain/game-day/record.ts';
import { AppError } from '../src/domain/errors.ts';

/** One scenario, from its start to its end: a run of its own, or people's steps. */
export async function runScenario(day: GameDayState, index: number, boxEnd: number): Promise<ScenarioResult> {
  const scenario = day.plan.scenarios[index];
  if (scenario === undefined) throw new AppError('internal/bug', `scenario ${index} is not in the plan of ${day.dayId}`);
  day.enter('scenario', scenario.name);
  const startedAt = nowIso();
  const rest = scenario.kind === 'manual' ? await byHand(day, scenario, boxEnd) : await asRun(day, scenario, index + 1);
  return { name: scenario.name, startedAt, endedAt: nowIso(), ...rest };
}

type Rest = Pick<ScenarioResult, 'state' | 'reason' | 'runId' | 'output'>;

async function byHand(day: GameDayState, scenario: ManualScenario, boxEnd: number): Promise<Rest> {
  const steps = scenario.steps.map((step, index) => `${index + 1}. ${step}`).join(' ');
  await day.say('scenario.started', `${scenario.name}, by hand, until a facilitator says next: ${steps}`);
  const done = await day.waitForNext(boxEnd - Date.now());
  const none = { runId: null, output: null };
  if (done) return { state: 'done', reason: 'a facilitator said that it is done', ...none };
  if (day.aborted() !== null) return { state: 'timed-out', reason: 'the day was aborted', ...none };
  return { state: 'timed-out', reason: 'its time box ended before a facilitator said that it is done', ...none };
}

/** REQUEST_CANCEL and a cancel that waits: whatever ends the day, the run reverts and verifies before the lock is free. */
async function asRun(day: GameDayState, { name, plan }: ExperimentScenario, n: number): Promise<Rest> {
  const runId = scenarioRunId(day.dayId, n, name);
  await day.say('scenario.started', `${name}: run ${runId}`, { runId });
  const handle = await startChild(runExperiment, {
    workflowId: `${workflowInfo().workflowId}/${n}`,
    parentClosePolicy: 'REQUEST_CANCEL',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    workflowTaskTimeout: '5s',
    memo: { runId },
    args: [{ runId, plan }],
  });
  await day.attach({ runId, handle });
  try {
    const output = await handle.result();
    return { state: 'ran', reason: output.problem ?? `the run ended ${output.ending}: ${output.reason}`, runId, output };
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ChildWorkflowFailure)) throw error;
    return { state: 'ran', reason: `its workflow failed: ${error.cause?.message ?? error.message}`, runId, output: null };
  } finally {
    day.detach();
  }
}

function nowIso(): string {
  return new Date(Date.now()).toISOString();
}

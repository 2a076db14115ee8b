import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ChildWorkflowFailure, startChild, workflowInfo } from '@temporalio/workflow';
import type { GameDayState } from './game-day-state.ts';
import { runExperiment } from './run-experiment.ts';
import { scenarioRunId } from '../src/domain/game-day/plan.ts';
import type { PlannedScenario } from '../src/domain/game-day/plan.ts';
import type { ScenarioResult } from '../src/domain/game-day/record.ts';
import type { Plan } from '../src/domain/plan/plan.ts';

export interface ScenarioInput {
  readonly scenario: PlannedScenario;
  /** Its place in the day, from 1. */
  readonly n: number;
  /** From 1; each has a run of its own. */
  readonly attempt: number;
  /** What the gate let pass; null for steps by hand. */
  readonly plan: Plan | null;
  readonly boxEnd: number;
}

/** One scenario, from its start to its end: a run of its own, or people's steps. */
export async function runScenario(day: GameDayState, input: ScenarioInput): Promise<ScenarioResult> {
  const { scenario, plan, boxEnd } = input;
  const { name } = scenario;
  day.enter('scenario', name);
  const startedAt = nowIso();
  const steps = scenario.kind === 'manual' ? scenario.steps : [];
  const rest = plan === null ? await byHand(day, name, steps, boxEnd) : await asRun(day, plan, input);
  return { name, startedAt, endedAt: nowIso(), ...rest };
}

type Rest = Pick<ScenarioResult, 'state' | 'reason' | 'runId' | 'output'>;

async function byHand(day: GameDayState, name: string, steps: readonly string[], boxEnd: number): Promise<Rest> {
  const numbered = steps.map((step, index) => `${index + 1}. ${step}`).join(' ');
  await day.say('scenario.started', `${name}, by hand, until a facilitator says next: ${numbered}`);
  const done = await day.waitForNext(boxEnd - Date.now());
  const none = { runId: null, output: null };
  if (done) return { state: 'done', reason: 'a facilitator said that it is done', ...none };
  if (day.aborted() !== null) return { state: 'timed-out', reason: 'the day was aborted', ...none };
  return { state: 'timed-out', reason: 'its time box ended before a facilitator said that it is done', ...none };
}

/** REQUEST_CANCEL: should the day be terminated, the run still reverts and verifies. */
async function asRun(day: GameDayState, plan: Plan, { scenario: { name }, n, attempt }: ScenarioInput): Promise<Rest> {
  const runId = scenarioRunId(day.dayId, n, name, attempt);
  const workflowId = `${workflowInfo().workflowId}/${n}`;
  await day.say('scenario.started', `${name}: run ${runId}`, { runId });
  try {
    const handle = await startChild(runExperiment, {
      workflowId,
      parentClosePolicy: 'REQUEST_CANCEL',
      workflowTaskTimeout: '5s',
      memo: { runId },
      args: [{ runId, plan }],
    });
    await day.attach({ runId, handle });
    const output = await handle.result();
    return { state: 'ran', reason: output.problem ?? `the run ended ${output.ending}: ${output.reason}`, runId, output };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError)
      return { state: 'skipped', reason: `the run of an earlier day still holds ${workflowId}`, runId: null, output: null };
    if (!(error instanceof ChildWorkflowFailure)) throw error;
    return { state: 'ran', reason: `its workflow failed: ${error.cause?.message ?? error.message}`, runId, output: null };
  } finally {
    day.detach();
  }
}

function nowIso(): string {
  return new Date(Date.now()).toISOString();
}

import { ActivityFailure, CancellationScope } from '@temporalio/workflow';
import { afterwards } from './activity-policies.ts';
import { openGameDay } from './game-day-state.ts';
import type { GameDayState } from './game-day-state.ts';
import { passGate } from './gate.ts';
import type { GateInput } from './gate.ts';
import { runScenario } from './run-scenario.ts';
import type { GameDayPlan } from '../src/domain/game-day/plan.ts';
import type { GameDayFacts, GameDayOutput, ScenarioResult } from '../src/domain/game-day/record.ts';
import { boxEndsOf } from '../src/domain/game-day/schedule.ts';

export interface GameDayInput {
  readonly dayId: string;
  readonly plan: GameDayPlan;
  /** Goes on after the pause without asking the facilitator. */
  readonly auto: boolean;
}

/** Scenario after scenario, each behind a gate and in its time box; then one retrospective. */
export async function runGameDay({ dayId, plan, auto }: GameDayInput): Promise<GameDayOutput> {
  const day = openGameDay(dayId, plan);
  // A cancel is an abort of the day: the run that is on ends in order, and there is a retrospective.
  CancellationScope.current().cancelRequested.catch(() =>
    day.abort({ runId: dayId, by: 'cancel', why: 'the workflow was cancelled' }),
  );
  return CancellationScope.nonCancellable(async () => {
    await day.say('game-day.started', `${plan.title}: ${plan.scenarios.length} scenarios, plan ${plan.hash.slice(0, 12)}`);
    const { results, stopped } = await playScenarios(day, auto);
    await day.settled();
    day.enter('measuring');
    const output = await retrospect(day, results, stopped);
    day.enter('finished');
    return output;
  });
}

interface Played {
  readonly results: readonly ScenarioResult[];
  /** Why nothing else may begin; null when nothing stood against it. */
  readonly stopped: string | null;
}

async function playScenarios(day: GameDayState, auto: boolean): Promise<Played> {
  const { scenarios, pauseSeconds } = day.plan;
  const boxEnds = boxEndsOf(day.plan, Date.parse(day.startedAt));
  const results: ScenarioResult[] = [];
  let stopped: string | null = null;
  for (const [index, scenario] of scenarios.entries()) {
    const pauseMs = index === 0 ? 0 : pauseSeconds * 1000;
    const boxEnd = boxEnds[index] ?? Date.now();
    const result: ScenarioResult =
      stopped === null
        ? await playScenario(day, index + 1, { scenario, boxEnd, auto, pauseMs })
        : await skip(day, scenario.name, stopped);
    results.push(result);
    if (result.state === 'ran' && (result.output?.exitCode ?? 5) === 5)
      stopped = `${scenario.name} was not seen to leave everything clean`;
  }
  return { results, stopped };
}

/** A run that never began touched nothing: while its time box lasts, a facilitator may try it again. */
async function playScenario(day: GameDayState, n: number, input: GateInput): Promise<ScenarioResult> {
  const { scenario, boxEnd, auto } = input;
  let last: ScenarioResult | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const passage = await passGate(day, input);
    if (!passage.opened) return last ?? (await skip(day, scenario.name, passage.reason));
    last = await runScenario(day, { scenario, n, attempt, plan: passage.plan, boxEnd });
    await day.say('scenario.ended', `${scenario.name}: ${last.reason}`);
    if (auto || last.output?.ending !== 'not-started') return last;
  }
}

async function skip(day: GameDayState, name: string, reason: string): Promise<ScenarioResult> {
  await day.say('scenario.skipped', `${name} is skipped: ${reason}`);
  return { name, state: 'skipped', reason, startedAt: null, endedAt: null, runId: null, output: null };
}

async function retrospect(day: GameDayState, results: readonly ScenarioResult[], stopped: string | null): Promise<GameDayOutput> {
  const { dayId, plan, startedAt } = day;
  const aborted = day.aborted();
  const ending = aborted !== null ? 'aborted' : stopped !== null ? 'failed' : 'completed';
  const reason = aborted !== null ? `${aborted.by} aborted: ${aborted.why}` : (stopped ?? 'every scenario had its turn');
  const facts: GameDayFacts = { dayId, plan, startedAt, endedAt: new Date(Date.now()).toISOString(), results, ending, reason };
  try {
    await day.say('game-day.ended', `${ending}: ${reason}`);
    return { dayId, ending, ...(await afterwards.finishGameDay(facts)), problem: null };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { dayId, ending, exitCode: null, reportPath: null, problem: error.cause?.message ?? error.message };
  }
}

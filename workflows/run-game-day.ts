import { ActivityFailure, CancellationScope, allHandlersFinished, condition, isCancellation } from '@temporalio/workflow';
import { afterwards } from './activity-policies.ts';
import { openGameDay } from './game-day-state.ts';
import type { GameDayState } from './game-day-state.ts';
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
  const results: ScenarioResult[] = [];
  let stopped: string | null = null;
  try {
    await day.say('game-day.started', `${plan.title}: ${plan.scenarios.length} scenarios, plan ${plan.hash.slice(0, 12)}`);
    const boxEnds = boxEndsOf(plan, Date.parse(day.startedAt));
    for (const [index, scenario] of plan.scenarios.entries()) {
      const boxEnd = boxEnds[index] ?? Date.now();
      const missed = stopped ?? (await gate(day, { index, boxEnd, auto }));
      if (missed !== null) {
        results.push(skipped(scenario.name, missed));
        await day.say('scenario.skipped', `${scenario.name} is skipped: ${missed}`);
        continue;
      }
      const result = await runScenario(day, index, boxEnd);
      results.push(result);
      await day.say('scenario.ended', `${scenario.name}: ${result.reason}`);
      if (result.state === 'ran' && (result.output?.exitCode ?? 5) === 5)
        stopped = `${scenario.name} was not seen to leave everything clean`;
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    day.abort({ runId: dayId, by: 'cancel', why: 'the workflow was cancelled' });
    results.push(...plan.scenarios.slice(results.length).map(({ name }) => skipped(name, 'the workflow was cancelled')));
  }
  return CancellationScope.nonCancellable(async () => {
    await condition(allHandlersFinished);
    day.enter('measuring');
    const output = await retrospect(day, results, stopped);
    day.enter('finished');
    return output;
  });
}

/** Null: go. Else the reason why the scenario does not begin. The child's own guards then look for residue and steady state. */
async function gate(
  day: GameDayState,
  { index, boxEnd, auto }: { index: number; boxEnd: number; auto: boolean },
): Promise<string | null> {
  const scenario = day.plan.scenarios[index];
  day.enter('gate', scenario?.name);
  const left = () => boxEnd - Date.now();
  const stop = () => (day.aborted() === null ? null : `${day.aborted()?.by} aborted the day: ${day.aborted()?.why}`);
  if (stop() !== null) return stop();
  if (left() <= 0) return 'its time box was over before it could begin';
  if (auto) {
    if (index > 0) await day.waitForNext(Math.min(day.plan.pauseSeconds * 1000, left()));
  } else {
    await day.say('game-day.waiting', `${scenario?.name} begins when a facilitator says \`firedrill next\``);
    const said = await day.waitForNext(left());
    if (!said && stop() === null) return 'no facilitator said next before its time box was over';
  }
  return stop() ?? (left() <= 0 ? 'its time box was over before it could begin' : null);
}

function skipped(name: string, reason: string): ScenarioResult {
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

import { ActivityFailure } from '@temporalio/workflow';
import { quick } from './activity-policies.ts';
import type { GameDayState } from './game-day-state.ts';
import type { GateAnswer } from '../src/domain/game-day/gate.ts';
import type { PlannedScenario } from '../src/domain/game-day/plan.ts';
import { lastStartOf } from '../src/domain/game-day/schedule.ts';
import type { Plan } from '../src/domain/plan/plan.ts';

/** How a shut gate is asked again when nobody says `next`: ever more seldom, so that a long box makes no long history. */
const firstRetryMs = 2_000;
const slowestRetryMs = 60_000;

/** `plan` is what the run acts on; null for steps by hand. */
export type Passage = { readonly opened: true; readonly plan: Plan | null } | { readonly opened: false; readonly reason: string };

export interface GateInput {
  readonly scenario: PlannedScenario;
  readonly boxEnd: number;
  readonly auto: boolean;
  /** Before the gate is first asked, when nobody says `next`. */
  readonly pauseMs: number;
}

/**
 * What stands before each scenario: a facilitator's `next`, or with `auto` the pause; then targets, guards and steady state.
 * A gate that stays shut is asked again, until too little of the time box is left.
 */
export async function passGate(day: GameDayState, { scenario, boxEnd, auto, pauseMs }: GateInput): Promise<Passage> {
  const lastStart = lastStartOf(scenario, boxEnd);
  const call = `${scenario.name} begins when a facilitator says \`firedrill next\``;
  let waitMs = pauseMs;
  let retryMs = firstRetryMs;
  let shut: string | null = null;
  if (!auto) await day.say('game-day.waiting', call);
  for (;;) {
    day.enter('gate', scenario.name);
    const left = lastStart - Date.now();
    if (left > 0 && (!auto || waitMs > 0)) await day.waitForNext(auto ? Math.min(waitMs, left) : left);
    const answer = Date.now() < lastStart && day.aborted() === null ? await ask(scenario) : null;
    const aborted = day.aborted();
    if (aborted !== null) return { opened: false, reason: `${aborted.by} aborted the day: ${aborted.why}` };
    if (answer === null) return { opened: false, reason: missed(shut, auto) };
    if (answer.closed.length === 0) return { opened: true, plan: await told(day, scenario, answer) };

    const reasons = answer.closed.join('; ');
    if (reasons !== shut) await day.say('gate.shut', `${scenario.name} may not begin: ${reasons}`);
    if (!auto) await day.say('game-day.waiting', `put it right; ${call}`);
    shut = reasons;
    waitMs = retryMs;
    retryMs = Math.min(retryMs * 2, slowestRetryMs);
  }
}

type Answer = Omit<GateAnswer, 'plan'> & { readonly plan: Plan | null };

/** A gate that cannot be asked is shut: not knowing is not fine. */
async function ask(scenario: PlannedScenario): Promise<Answer> {
  if (scenario.kind === 'manual') return { closed: [], plan: null, replaced: [] };
  try {
    return await quick.openGate(scenario.plan);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { closed: [`the gate could not be asked: ${error.cause?.message ?? error.message}`], plan: null, replaced: [] };
  }
}

/** A plan with other processes has another hash than the one that was shown: the timeline says why. */
async function told(day: GameDayState, { name }: PlannedScenario, { plan, replaced }: Answer): Promise<Plan | null> {
  if (plan !== null && replaced.length > 0) {
    await day.say(
      'plan.refreshed',
      `${name}: same targets, new processes, so its plan is now ${plan.hash.slice(0, 12)}: ${replaced.join('; ')}`,
    );
  }
  return plan;
}

function missed(shut: string | null, auto: boolean): string {
  if (shut !== null) return `the gate stayed shut until too little of its time box was left: ${shut}`;
  return auto
    ? 'too little of its time box was left when its turn came'
    : 'no facilitator said next before too little of its time box was left';
}

import { cancelled, heartbeat } from '@temporalio/activity';
import type { Activities } from '../../src/activities/index.ts';
import type { GateAnswer } from '../../src/domain/game-day/gate.ts';
import type { GameDayFacts } from '../../src/domain/game-day/record.ts';
import type { Plan } from '../../src/domain/plan/plan.ts';
import type { TimelineEvent } from '../../src/domain/run-record.ts';

/** Activities that touch nothing: they note what the workflows asked for, and answer as the test says. */
export interface DayActivities {
  readonly activities: Activities;
  /** The day's own timeline. */
  readonly said: TimelineEvent[];
  /** `<activity> <run id>`, in order, of what was asked for runs. */
  readonly asked: string[];
  /** The plans that runs were started with, by run id. */
  readonly plans: Map<string, Plan>;
  /** What the retrospective was made from. */
  facts(): GameDayFacts;
  /** From now on a watch lasts until it is released or cancelled. */
  holdWatches(): void;
  releaseWatches(): void;
}

export interface DayAnswers {
  /** What the gate answers when it is asked the n-th time (from 0), for that plan. */
  readonly gate?: (plan: Plan, n: number) => GateAnswer;
  readonly exitCode?: number;
  /** Whether steady state holds when a run takes its n-th baseline (from 0). */
  readonly steady?: (n: number) => boolean;
}

export function dayActivities({ gate = open, exitCode = 0, steady = () => true }: DayAnswers = {}): DayActivities {
  const said: TimelineEvent[] = [];
  const asked: string[] = [];
  const plans = new Map<string, Plan>();
  let facts: GameDayFacts | null = null;
  let gates = 0;
  let baselines = 0;
  let released = Promise.resolve();
  let release = () => {};

  const activities: Activities = {
    openGate: async (plan) => gate(plan, gates++),
    recordDayEvent: async (_dayId, _environment, event) => void said.push(event),
    finishGameDay: async (given) => {
      facts = given;
      return { exitCode: 0, reportPath: 'retrospective.html' };
    },
    checkGuards: async (runId, plan) => {
      asked.push(`guards ${runId}`);
      plans.set(runId, plan);
      return [];
    },
    sampleBaseline: async () =>
      steady(baselines++) ? { holds: true, reason: 'all probes good' } : { holds: false, reason: 'errors' },
    watch: async (runId) => {
      asked.push(`watch ${runId}`);
      const beat = setInterval(heartbeat, 100);
      try {
        await Promise.race([released, cancelled()]);
      } finally {
        clearInterval(beat);
      }
      return { kind: 'held', reason: 'held for 1 s' };
    },
    revert: async (runId) => {
      asked.push(`revert ${runId}`);
      return [];
    },
    observeRecovery: async () => {},
    recordEvent: async () => {},
    finishRun: async ({ runId }) => {
      asked.push(`finish ${runId}`);
      return { exitCode, reportPath: 'report.html' };
    },
  };
  return {
    activities,
    said,
    asked,
    plans,
    facts: () => {
      if (facts === null) throw new Error('the day has not come to its retrospective');
      return facts;
    },
    holdWatches: () => {
      const held = Promise.withResolvers<void>();
      released = held.promise;
      release = held.resolve;
    },
    releaseWatches: () => release(),
  };
}

function open(plan: Plan): GateAnswer {
  return { closed: [], plan, replaced: [] };
}

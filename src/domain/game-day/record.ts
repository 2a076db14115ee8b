import type { RunOutput } from '../run-messages.ts';
import type {
  AlertEpisode,
  Cleanup,
  Clocks,
  Finding,
  HypothesisOutcome,
  Metrics,
  Outcome,
  TimelineEvent,
} from '../run-record.ts';
import type { GameDayPlan } from './plan.ts';

/** `done`: people said so; `timed-out`: nobody did before the box ended; `skipped`: it never began. */
export type ScenarioState = 'ran' | 'done' | 'timed-out' | 'skipped';

/** What the day's workflow knows of one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly state: ScenarioState;
  readonly reason: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly runId: string | null;
  /** Null where there was no run, or its workflow failed. */
  readonly output: RunOutput | null;
}

export type DayEnding = 'completed' | 'aborted' | 'failed';

/** All that the retrospective is made from, beside the runs' records. */
export interface GameDayFacts {
  readonly dayId: string;
  readonly plan: GameDayPlan;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly results: readonly ScenarioResult[];
  readonly ending: DayEnding;
  readonly reason: string;
}

export interface GameDayOutput {
  readonly dayId: string;
  readonly ending: DayEnding;
  /** Null when the record could not be written. */
  readonly exitCode: number | null;
  readonly reportPath: string | null;
  readonly problem: string | null;
}

/** Expectation against reality of one scenario. `run` is null where nothing was run or its record is missing. */
export interface ScenarioRecord extends Omit<ScenarioResult, 'output'> {
  readonly objective: string;
  readonly kind: 'experiment' | 'manual';
  readonly steps: readonly string[];
  /** Hash of the plan that the day showed; null for steps by hand. The run's own differs when a target was replaced since. */
  readonly plannedHash: string | null;
  /** Those of the run, and what the scenario's own course teaches: one that never began is a finding too. */
  readonly findings: readonly Finding[];
  readonly run: {
    readonly experiment: string;
    readonly planHash: string;
    readonly outcome: Outcome;
    readonly hypotheses: readonly HypothesisOutcome[];
    readonly clocks: Clocks;
    readonly metrics: Metrics;
    readonly alerts: readonly AlertEpisode[];
  } | null;
}

/** Drafted from a finding; somebody owns it before the day can be closed. */
export interface Action {
  /** `A1`, `A2` … in the order of the findings. */
  readonly id: string;
  readonly scenario: string;
  readonly finding: string;
  readonly text: string;
  readonly owner: string | null;
  /** `YYYY-MM-DD` */
  readonly due: string | null;
}

/** What a game day leaves behind as `game-day.json`. Versioned, additive. */
export interface GameDayRecord {
  readonly schemaVersion: 1;
  readonly day: {
    readonly id: string;
    readonly name: string;
    readonly title: string;
    readonly purpose: string;
    readonly environment: string;
    readonly planHash: string;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly disclosure: GameDayPlan['disclosure'];
    readonly roles: GameDayPlan['roles'];
    readonly communication: GameDayPlan['communication'];
  };
  readonly ending: DayEnding;
  readonly cleanup: Cleanup;
  readonly reason: string;
  readonly scenarios: readonly ScenarioRecord[];
  readonly questions: readonly string[];
  readonly actions: readonly Action[];
  readonly timeline: readonly TimelineEvent[];
  /** ISO; null while actions lack an owner or a due date. */
  readonly closedAt: string | null;
}

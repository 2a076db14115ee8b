import type { GameDayPlan } from '../domain/game-day/plan.ts';
import type { GameDayOutput } from '../domain/game-day/record.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { AbortRequest, PersonMessage, RunOutput, RunStatus } from '../domain/run-messages.ts';

/** The durable engine that carries runs. Errors: `temporal/unreachable`, `lock/held`, `run/not-found`. */
export interface Orchestrator {
  /** Takes the environment's lock; `lock/held` names the holder. */
  startRun(runId: string, plan: Plan): Promise<void>;
  result(environment: string): Promise<RunOutput>;
  /** Takes the same lock, for the whole day. `auto`: goes on without asking a facilitator. */
  startGameDay(dayId: string, plan: GameDayPlan, auto: boolean): Promise<void>;
  gameDayResult(environment: string): Promise<GameDayOutput>;
  /** Id of the run or day that holds the environment's lock, from the server alone; null when nothing runs there. */
  holder(environment: string): Promise<string | null>;
  /** As a worker tells it; null when nothing runs in the environment. */
  status(environment: string): Promise<RunStatus | null>;
  /** During a game day: the day's id ends the day, the current run's id ends only that run. */
  abort(environment: string, request: AbortRequest): Promise<void>;
  /** During a game day, what is said goes to the run that is on, else (and `next`, always) to the day. */
  tell(environment: string, message: PersonMessage): Promise<void>;
  /** Processes that take up runs now, by their Temporal identity; one that died stays for up to a minute. */
  workers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

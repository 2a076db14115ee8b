import { ActivityFailure, CancellationScope, allHandlersFinished, condition, setHandler } from '@temporalio/workflow';
import type { ChildWorkflowHandle } from '@temporalio/workflow';
import { quick } from './activity-policies.ts';
import { abortSignal, personSignal, statusQuery } from './messages.ts';
import type { runExperiment } from './run-experiment.ts';
import { facilitatorsOf } from '../src/domain/game-day/plan.ts';
import type { GameDayPlan } from '../src/domain/game-day/plan.ts';
import type { JsonObject } from '../src/domain/json.ts';
import type { AbortRequest, RunStatus } from '../src/domain/run-messages.ts';

/** The run that is on: who speaks to the day during it is heard by it. */
export interface CurrentRun {
  readonly runId: string;
  readonly handle: ChildWorkflowHandle<typeof runExperiment>;
}

/** What the day's messages change and its steps read. */
export interface GameDayState {
  readonly dayId: string;
  readonly plan: GameDayPlan;
  readonly startedAt: string;
  aborted(): AbortRequest | null;
  /** Ends the run that is on, and lets no other begin. The first one counts. */
  abort(request: AbortRequest): Promise<void>;
  enter(step: RunStatus['step'], scenario?: string): void;
  /** Told of an abort at once, also of one that came while it was being started. */
  attach(run: CurrentRun): Promise<void>;
  detach(): void;
  /** True when a facilitator has said `next` since the step was entered; an abort ends the wait too. */
  waitForNext(timeoutMs: number): Promise<boolean>;
  /** A line on the day's own timeline. The day goes on when it cannot be written. */
  say(kind: string, text: string, data?: JsonObject): Promise<void>;
  /** Everything that was said has been dealt with. */
  settled(): Promise<void>;
}

/** Installs the day's handlers. */
export function openGameDay(dayId: string, plan: GameDayPlan): GameDayState {
  const startedAt = nowIso();
  const facilitators = facilitatorsOf(plan);
  let step: RunStatus['step'] = 'gate';
  let scenario: string | null = null;
  let aborted: AbortRequest | null = null;
  let current: CurrentRun | null = null;
  let saidNext = false;
  let aborting: Promise<void> = Promise.resolve();

  const write = async (event: Parameters<typeof quick.recordDayEvent>[2]): Promise<void> => {
    try {
      await CancellationScope.nonCancellable(() => quick.recordDayEvent(dayId, plan.environment, event));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
    }
  };
  const abortCurrent = async (): Promise<void> => {
    if (aborted === null || current === null) return;
    const { handle, runId } = current;
    // A run that has just ended has nothing left to abort.
    await handle.signal(abortSignal, { ...aborted, runId }).catch(() => {});
  };
  const abort = (request: AbortRequest): Promise<void> => {
    if (request.runId !== dayId || aborted !== null) return aborting;
    aborted = request;
    const { by, why } = request;
    aborting = CancellationScope.nonCancellable(async () => {
      await abortCurrent();
      await write({ at: nowIso(), source: 'person', kind: 'person.aborted', text: `aborts the day: ${why}`, by });
    });
    return aborting;
  };

  setHandler(statusQuery, () => ({
    runId: dayId,
    experiment: plan.name,
    step,
    startedAt,
    aborted,
    detail: { scenario, facilitators, current: current?.handle.workflowId ?? null, currentRunId: current?.runId ?? null },
  }));
  setHandler(abortSignal, abort);
  setHandler(personSignal, async ({ runId, word, by, text, at }) => {
    if (runId !== dayId) return;
    const heard = word !== 'next' || facilitators.includes(by);
    if (word === 'next' && heard) saidNext = true;
    await write({
      at: nowIso(),
      source: 'person',
      kind: `person.${word}`,
      text: heard ? text : `${text} (not heard: ${by} is no facilitator)`,
      by,
      data: { sentAt: at },
    });
  });

  return {
    dayId,
    plan,
    startedAt,
    aborted: () => aborted,
    abort,
    enter: (next, name) => {
      step = next;
      scenario = name ?? null;
      saidNext = false;
    },
    attach: (run) => {
      current = run;
      return abortCurrent();
    },
    detach: () => {
      current = null;
    },
    waitForNext: async (timeoutMs) => {
      await condition(() => saidNext || aborted !== null, Math.max(0, timeoutMs));
      return saidNext;
    },
    say: (kind, text, data) => write({ at: nowIso(), source: 'game-day', kind, text, ...(data === undefined ? {} : { data }) }),
    settled: async () => {
      await condition(allHandlersFinished);
      await aborting;
    },
  };
}

/** The time of the workflow task: constant within it and the same on replay. */
function nowIso(): string {
  return new Date(Date.now()).toISOString();
}

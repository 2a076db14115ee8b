import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  allHandlersFinished,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import { afterwards, baseline, quick, undo, watcher } from './activity-policies.ts';
import { abortSignal, personSignal, statusQuery } from './messages.ts';
import type { RunFacts } from '../src/activities/run-facts.ts';
import type { InjectionSpec, InjectionStatus } from '../src/domain/injection/records.ts';
import { deadlineOf, injectionSpecsOf } from '../src/domain/plan/injections.ts';
import type { Plan } from '../src/domain/plan/plan.ts';
import { exitCodeOf } from '../src/domain/measure/exit-code.ts';
import { cleanupOf } from '../src/domain/measure/outcome.ts';
import type { AbortedBy, Ending, GuardResult, TimelineEvent } from '../src/domain/run-record.ts';
import type { AbortRequest, PersonMessage, RunOutput, RunStatus } from '../src/domain/run-messages.ts';
import type { WatchEnd } from '../src/domain/measure/watch-end.ts';

export interface RunInput {
  readonly runId: string;
  readonly plan: Plan;
}

/** Checks, baseline, watch and inject, revert, verify recovery, measure, report. It decides and waits; activities do. */
export async function runExperiment({ runId, plan }: RunInput): Promise<RunOutput> {
  const startedAt = nowIso();
  const body = new CancellationScope();
  let step: RunStatus['step'] = 'guards';
  let aborted: AbortRequest | null = null;

  /** What the archive would not take now is handed in with the facts at the end: it must never fail the run. */
  const unrecorded: TimelineEvent[] = [];
  async function note(event: TimelineEvent): Promise<void> {
    try {
      await CancellationScope.nonCancellable(() => quick.recordEvent(runId, plan, event));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      unrecorded.push(event);
    }
  }

  setHandler(statusQuery, () => ({ runId, experiment: plan.experiment.name, step, startedAt, aborted, detail: {} }));
  setHandler(abortSignal, async (request) => {
    if (request.runId !== runId || aborted !== null) return;
    aborted = request;
    body.cancel();
    const { by, why } = request;
    await note({ at: nowIso(), source: 'person', kind: 'person.aborted', text: `aborts the run: ${why}`, by });
  });
  setHandler(personSignal, async (message) => {
    if (message.runId === runId) await note(personEvent(message));
  });

  let guards: readonly GuardResult[] = [];
  let specs: readonly InjectionSpec[] = [];
  let end: End = { ending: 'not-started', reason: 'it never began', abortedBy: null };

  try {
    end = await body.run(async () => {
      guards = await quick.checkGuards(runId, plan);
      const blocked = guards.filter((guard) => guard.result === 'blocked');
      if (blocked.length > 0)
        return notStarted(blocked.map((guard) => `${guard.guard}: ${guard.reason}`).join('; '), 'guard', blocked[0]!.guard);

      step = 'baseline';
      const steady = await baseline.sampleBaseline(runId, plan);
      if (!steady.holds)
        return notStarted(`steady state did not hold before anything was touched: ${steady.reason}`, 'guard', 'baseline');

      step = 'watching';
      specs = injectionSpecsOf(plan, runId, deadlineOf(plan, Date.now()));
      return endOf(await watcher.watch(runId, plan, specs));
    });
  } catch (error) {
    end = endOfError(error, aborted, specs.length > 0);
  }

  let statuses: readonly InjectionStatus[] = [];
  await CancellationScope.nonCancellable(async () => {
    if (specs.length > 0) {
      step = 'reverting';
      const observing = afterRevert(runId, plan, specs, note);
      statuses = await undo.revert(runId, plan, specs);
      step = 'recovering';
      await observing;
    }
    await condition(allHandlersFinished);
    step = 'measuring';
  });

  const output = await CancellationScope.nonCancellable(() =>
    measure({ runId, plan, startedAt, guards, specs, statuses, unrecorded, end }),
  );
  step = 'finished';
  return output;
}

interface End {
  readonly ending: Ending;
  readonly reason: string;
  readonly abortedBy: AbortedBy | null;
}

function notStarted(reason: string, kind: AbortedBy['kind'], name: string): End {
  return { ending: 'not-started', reason, abortedBy: { kind, name } };
}

function endOf(end: WatchEnd): End {
  return end.kind === 'held' ? { ending: 'completed', reason: end.reason, abortedBy: null } : end;
}

function endOfError(error: unknown, aborted: AbortRequest | null, touched: boolean): End {
  if (aborted !== null) {
    return {
      ending: touched ? 'aborted' : 'not-started',
      reason: `${aborted.by} aborted: ${aborted.why}`,
      abortedBy: { kind: 'person', name: aborted.by },
    };
  }
  if (isCancellation(error)) {
    return {
      ending: touched ? 'aborted' : 'not-started',
      reason: 'the workflow was cancelled',
      abortedBy: { kind: 'person', name: 'cancel' },
    };
  }
  if (!(error instanceof ActivityFailure || error instanceof ApplicationFailure)) throw error;
  return { ending: 'failed', reason: error.cause?.message ?? error.message, abortedBy: null };
}

/** Sampling goes on beside the revert, renews nothing, and must never stand in its way: its failure is a note in the record. */
async function afterRevert(
  runId: string,
  plan: Plan,
  specs: readonly InjectionSpec[],
  note: (event: TimelineEvent) => Promise<void>,
): Promise<void> {
  try {
    await baseline.observeRecovery(runId, plan, specs);
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    await note({
      at: nowIso(),
      source: 'run',
      kind: 'run.recovery-unknown',
      text: `recovery could not be observed: ${error.cause?.message ?? error.message}`,
    });
  }
}

async function measure(facts: Omit<RunFacts, 'endedAt'>): Promise<RunOutput> {
  const { runId, end } = facts;
  try {
    const { exitCode, reportPath } = await afterwards.finishRun({ ...facts, endedAt: nowIso() });
    return { runId, ending: end.ending, reason: end.reason, exitCode, reportPath, problem: null };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return {
      runId,
      ending: end.ending,
      reason: end.reason,
      exitCode: unrecordedExitCode(facts),
      reportPath: null,
      problem: error.cause?.message ?? error.message,
    };
  }
}

/** A run without a record proves nothing of its hypothesis, but how it ended and whether it is clean are known here. */
function unrecordedExitCode({ specs, statuses, end }: Pick<RunFacts, 'specs' | 'statuses' | 'end'>): number {
  const cleanup = cleanupOf(specs.map(({ id }) => statuses.find((status) => status.id === id) ?? null));
  return exitCodeOf({ outcome: { hypothesis: 'inconclusive', ending: end.ending, cleanup } });
}

function personEvent(message: PersonMessage): TimelineEvent {
  return {
    at: nowIso(),
    source: 'person',
    kind: `person.${message.word}`,
    text: message.text,
    by: message.by,
    data: { sentAt: message.at },
  };
}

/** The time of the workflow task: constant within it and the same on replay. */
function nowIso(): string {
  return new Date(Date.now()).toISOString();
}

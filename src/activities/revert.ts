import { ApplicationFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InjectionSpec, InjectionStatus } from '../domain/injection/records.ts';
import { agentAdvice } from '../domain/plan/agent-advice.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { createAgentWatch } from './agent-watch.ts';
import { commandRevert } from './command-revert.ts';
import type { ActivityDeps } from './connections.ts';
import { allTerminal, createPhaseNarrator, endText, pollEveryMs, readInjections } from './injection-watch.ts';
import { createQuestionNarrator } from './question-narrator.ts';
import { createRecorder, readTimelineSoFar } from './recorder.ts';

/** One attempt waits this long, then says so and is tried again: without end, as the policy has no limit. */
const attemptMs = 45_000;

/** Commands the revert and returns when every record is terminal, as its agent read it back. May run any number of times. */
export async function revert(
  deps: ActivityDeps,
  runId: string,
  plan: Plan,
  specs: readonly InjectionSpec[],
): Promise<InjectionStatus[]> {
  const { clock, connect } = deps;
  const { store, archive } = connect(plan.environment);
  const recorder = createRecorder(archive, runId, clock);
  const agents = createAgentWatch(store, { clock, recorder, advice: agentAdvice(plan.environment) });
  const startedAt = clock.monotonic();
  let view = await readInjections(store, specs);
  if (!allTerminal(view)) {
    await commandRevert(store, runId, specs);
    recorder.event({ source: 'run', kind: 'run.revert-confirmed', text: 'revert commanded on all targets' });
  }
  // Only now: an archive that answers slowly must not keep a revert waiting.
  const earlier = await readTimelineSoFar(archive, runId);
  const narrate = createPhaseNarrator(recorder, { specs, earlier, clock });
  const tellQuestions = createQuestionNarrator(recorder, { runId, plan, earlier });
  while (!allTerminal(view)) {
    if (clock.monotonic() - startedAt > attemptMs) {
      await recorder.flush();
      throw ApplicationFailure.retryable(
        `not yet reverted: ${stillOpen(view).join(', ')}. Is the agent alive? \`firedrill doctor\` tells`,
        'fault/revert-failed',
      );
    }
    await sleep(pollEveryMs, undefined, { signal: cancellationSignal() });
    heartbeat();
    view = await readInjections(store, specs);
    narrate(view);
    tellQuestions(view);
    await agents.silence(view.statuses);
  }
  narrate(view);
  recorder.event({ source: 'run', kind: 'run.reverted', text: endText(view.statuses) });
  await recorder.flush();
  return [...view.statuses];
}

function stillOpen(view: Awaited<ReturnType<typeof readInjections>>): string[] {
  const unread = [...view.missing, ...view.corrupt.map(({ id }) => id)];
  const open = view.statuses.filter((status) => status.revertVerifiedAt === undefined);
  return [...unread, ...open.map(({ id, error }) => (error === undefined ? id : `${id} (${error.message})`))];
}

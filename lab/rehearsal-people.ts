import { setTimeout as sleep } from 'node:timers/promises';
import { alertPathOf, alertmanagerOf, replicasOf } from './addresses.ts';
import { firedrillAnswer, firedrillCommand } from './firedrill-processes.ts';
import type { Stack } from './host/stack.ts';
import { waitUntilQuiet } from './quiet.ts';
import { respond, waitForPage } from './responder.ts';
import { setFallback } from './set-fallback.ts';

const lookEveryMs = 500;

interface Day {
  readonly runId: string;
  readonly step: string;
  readonly detail: { readonly scenario: string | null; readonly currentRunId: string | null };
}

type Say = (verb: string, text: string, who: string) => Promise<void>;
type Part = (stack: Stack, say: Say, signal: AbortSignal) => Promise<void>;

const nobody: Part = async () => {};

/** What grace does in a run, by its scenario. */
const parts: Readonly<Record<string, Part>> = {
  'slow-fraud': findsTheSlowDependency,
  'lost-replicas': watchesReplicasComeBack,
};

/**
 * The people of the rehearsal: ada, who facilitates, and grace, who is on call. They look at the day with `firedrill status`
 * and do what the moment asks, until the signal. Gives the day's id; null when they never saw one.
 */
export async function playRehearsal(stack: Stack, signal: AbortSignal): Promise<string | null> {
  const say: Say = async (verb, text, who) => void (await firedrillCommand(stack, [verb, text, '--as', who], 'ignore'));
  let dayId: string | null = null;
  let playing = { moment: '', stop: async () => {} };
  while (!signal.aborted) {
    try {
      const { run } = (await firedrillAnswer(stack, ['status'])) as { run: Day | null };
      dayId ??= run?.runId ?? null;
      const { moment, part } = momentOf(run);
      if (moment !== playing.moment) {
        // Whoever still waited for the page of a run that is over would answer that of the next.
        await playing.stop();
        playing = { moment, stop: play(part, stack, say) };
      }
      if (run?.step === 'gate') await opensTheGate(stack, say, signal);
      await sleep(lookEveryMs, undefined, { signal });
    } catch {
      // What failed is tried again at the next look: a replica that restarts refuses for a moment.
    }
  }
  await playing.stop();
  return dayId;
}

/** Each run is a moment of its own, also the second try of a scenario. */
function momentOf(run: Day | null): { readonly moment: string; readonly part: Part } {
  const { scenario, currentRunId } = run?.detail ?? { scenario: null, currentRunId: null };
  if (run?.step !== 'scenario' || scenario === null) return { moment: run?.step ?? '', part: nobody };
  if (scenario === 'hand-over') return { moment: scenario, part: handsOver };
  return currentRunId === null ? { moment: '', part: nobody } : { moment: currentRunId, part: parts[scenario] ?? nobody };
}

/** Begins it, and gives the way to end it. A page that never came is no failure of the people. */
function play(part: Part, stack: Stack, say: Say): () => Promise<void> {
  const over = new AbortController();
  const played = part(stack, say, over.signal).catch(() => {});
  return () => {
    over.abort();
    return played;
  };
}

/** Everything as it was before, and quiet; then the facilitator says go. */
async function opensTheGate(stack: Stack, say: Say, signal: AbortSignal): Promise<void> {
  await setFallback(replicasOf(stack), false, signal);
  await waitUntilQuiet(alertPathOf(stack), signal);
  await say('next', 'all quiet, go', 'ada');
}

function findsTheSlowDependency(stack: Stack, say: Say, signal: AbortSignal): Promise<void> {
  return respond({
    alertmanagerUrl: alertmanagerOf(stack),
    replicas: replicasOf(stack),
    say: (verb, text) => say(verb, text, 'grace'),
    signal,
  });
}

async function watchesReplicasComeBack(stack: Stack, say: Say, signal: AbortSignal): Promise<void> {
  const alert = await waitForPage(alertmanagerOf(stack), signal);
  await say('ack', `I have the page: ${alert}`, 'grace');
  await say('note', 'the supervisor brings the replicas back by itself; until then their customers got errors', 'grace');
}

async function handsOver(_stack: Stack, say: Say): Promise<void> {
  await say('note', 'linus takes over: fraud was slow, the fallback was on, it is off again', 'grace');
  await say('next', 'the hand-over is done', 'ada');
}

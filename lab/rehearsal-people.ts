import { setTimeout as sleep } from 'node:timers/promises';
import { alertmanagerOf, replicasOf } from './addresses.ts';
import { firedrillAnswer, firedrillCommand } from './firedrill-processes.ts';
import type { Stack } from './host/stack.ts';
import { waitUntilQuiet } from './quiet.ts';
import { respond, waitForPage } from './responder.ts';
import { setFallback } from './set-fallback.ts';

const lookEveryMs = 500;

interface Answer {
  readonly run: {
    readonly runId: string;
    readonly step: string;
    readonly detail: { readonly scenario: string | null };
  } | null;
}

/**
 * The people of the rehearsal: ada, who facilitates, and grace, who is on call. They look at the day with `firedrill status`
 * and do what the moment asks, until the signal. Gives the day's id; null when they never saw one.
 */
export async function playRehearsal(stack: Stack, signal: AbortSignal): Promise<string | null> {
  const say = async (verb: string, text: string, who: string) =>
    void (await firedrillCommand(stack, [verb, text, '--as', who], 'ignore'));
  const parts: Readonly<Record<string, () => Promise<void>>> = {
    'slow-fraud': () => findsTheSlowDependency(stack, say, signal),
    'lost-replicas': () => watchesReplicasComeBack(stack, say, signal),
    'hand-over': () => handsOver(say),
  };
  const played = new Map<string, Promise<void>>();
  let dayId: string | null = null;
  while (!signal.aborted) {
    try {
      const { run } = (await firedrillAnswer(stack, ['status'])) as Answer;
      dayId ??= run?.runId ?? null;
      const scenario = run?.detail.scenario ?? '';
      if (run?.step === 'gate') await opensTheGate(stack, say, signal);
      else if (run?.step === 'scenario' && !played.has(scenario)) played.set(scenario, playedOut(parts[scenario]));
      await sleep(lookEveryMs, undefined, { signal });
    } catch {
      // What failed is tried again at the next look: a replica that restarts refuses for a moment.
    }
  }
  await Promise.all(played.values());
  return dayId;
}

/** A page that never came is no failure of the people. */
async function playedOut(part: (() => Promise<void>) | undefined): Promise<void> {
  await part?.().catch(() => {});
}

type Say = (verb: string, text: string, who: string) => Promise<void>;

/** Everything as it was before, and quiet; then the facilitator says go. */
async function opensTheGate(stack: Stack, say: Say, signal: AbortSignal): Promise<void> {
  await setFallback(replicasOf(stack), false, signal);
  await waitUntilQuiet(stack, signal);
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

async function handsOver(say: Say): Promise<void> {
  await say('note', 'linus takes over: fraud was slow, the fallback was on, it is off again', 'grace');
  await say('next', 'the hand-over is done', 'ada');
}

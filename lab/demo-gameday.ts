import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, firedrillAnswer, firedrillCommand, startFiredrill } from './firedrill-processes.ts';
import { alertmanagerOf, replicasOf } from './addresses.ts';
import { startStack } from './host/stack.ts';
import type { Stack } from './host/stack.ts';
import { waitUntilQuiet } from './quiet.ts';
import { respond } from './responder.ts';
import { setFallback } from './set-fallback.ts';

const file = 'experiments/game-days/payments-rehearsal.yaml';

/** A small game day, live: stack, agent, worker, the day, a scripted facilitator and a scripted person on call. */
async function demo(): Promise<number> {
  const say = (line: string) => console.log(line);
  say('Starting the demo system: Temporal, Prometheus, Alertmanager, PostgreSQL and a payments service under load.');
  const stack = await startStack({ report: say });
  const parts: ChildProcess[] = [];
  const over = new AbortController();
  try {
    await startFiredrill(stack, parts);
    say(`\nRunning ${file}. The facilitator ada and the responder grace are scripted.\n`);
    const people = play(stack, over.signal).catch((error: unknown) => {
      if (!over.signal.aborted) say(`the people gave up: ${String(error)}`);
    });
    const code = await firedrillCommand(stack, ['game-day', file], 'inherit');
    over.abort();
    await people;
    return code;
  } finally {
    over.abort();
    await Promise.all(parts.map(endProcess));
    await stack.stop();
    say('Everything that was started has been stopped.');
  }
}

interface Answer {
  readonly run: { readonly step: string; readonly detail: { readonly scenario: string | null } } | null;
}

/** Looks at the day as people do, with `firedrill status`, and does what the moment asks. */
async function play(stack: Stack, signal: AbortSignal): Promise<void> {
  let responding: Promise<void> | null = null;
  while (!signal.aborted) {
    const { run } = (await firedrillAnswer(stack, ['status'])) as Answer;
    const scenario = run?.detail.scenario ?? null;
    if (run?.step === 'gate') await openGate(stack, signal);
    else if (run?.step === 'scenario' && scenario === 'slow-fraud') responding ??= onCall(stack, signal);
    else if (run?.step === 'scenario' && scenario === 'hand-over') {
      await firedrillCommand(
        stack,
        ['note', 'linus takes over: fraud was slow, the fallback was on, it is off again', '--as', 'grace'],
        'ignore',
      );
      await firedrillCommand(stack, ['next', 'the hand-over is done', '--as', 'ada'], 'ignore');
    }
    await sleep(500, undefined, { signal });
  }
  await responding;
}

/** Everything as it was before, and quiet; then the facilitator says go. */
async function openGate(stack: Stack, signal: AbortSignal): Promise<void> {
  await setFallback(replicasOf(stack), false, signal);
  await waitUntilQuiet(stack, signal);
  await firedrillCommand(stack, ['next', 'all quiet, go', '--as', 'ada'], 'ignore');
}

function onCall(stack: Stack, signal: AbortSignal): Promise<void> {
  return respond({
    alertmanagerUrl: alertmanagerOf(stack),
    replicas: replicasOf(stack),
    say: async (verb, text) => void (await firedrillCommand(stack, [verb, text, '--as', 'grace'], 'ignore')),
    signal,
  });
}

process.exitCode = await demo();

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { endProcess, firedrillCommand, startFiredrill } from './firedrill-processes.ts';
import { alertPathOf, alertmanagerOf, replicasOf } from './addresses.ts';
import { startStack } from './host/stack.ts';
import type { Stack } from './host/stack.ts';
import { waitUntilQuiet } from './quiet.ts';
import { respond } from './responder.ts';

const keep = process.argv.includes('--keep');

/** One experiment, live, as a person would run it: stack, agent, worker, the run, and a scripted person on call. */
async function demo(): Promise<number> {
  const say = (line: string) => console.log(line);
  say('Starting the demo system: Temporal, Prometheus, Alertmanager, PostgreSQL and a payments service under load.');
  const stack = await startStack({ report: say });
  const parts: ChildProcess[] = [];
  try {
    await startFiredrill(stack, parts);
    await waitUntilQuiet(alertPathOf(stack));
    say('\nRunning experiments/fraud-latency.yaml: fraud-detector answers 800 ms late. A scripted person is on call.\n');
    const onCall = new AbortController();
    const responding = respond({
      alertmanagerUrl: alertmanagerOf(stack),
      replicas: replicasOf(stack),
      say: async (verb, text) => void (await firedrillCommand(stack, [verb, text, '--as', 'responder'], 'ignore')),
      signal: onCall.signal,
    }).catch((error: unknown) => {
      if (!onCall.signal.aborted) say(`the responder gave up: ${String(error)}`);
    });
    const code = await firedrillCommand(stack, ['run', 'experiments/fraud-latency.yaml'], 'inherit');
    onCall.abort();
    await responding;
    if (keep) await lingering(stack);
    return code;
  } finally {
    await Promise.all(parts.map(endProcess));
    await stack.stop();
    say('Everything that was started has been stopped.');
  }
}

/** Waits for Ctrl-C with the stack up. */
async function lingering(stack: Stack): Promise<void> {
  console.log('\nThe stack stays up until Ctrl-C:');
  for (const part of stack.parts) console.log(`  ${part.name.padEnd(24)} ${part.address}`);
  console.log(`  try: npx firedrill status --environment ${stack.environmentFile}`);
  await once(process, 'SIGINT');
}

process.exitCode = await demo();

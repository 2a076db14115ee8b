import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from './host/stack.ts';
import type { Stack } from './host/stack.ts';
import { respond } from './responder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const firedrill = join(root, 'bin/firedrill.js');
const keep = process.argv.includes('--keep');

/** One experiment, live, as a person would run it: stack, agent, worker, the run, and a scripted person on call. */
async function demo(): Promise<number> {
  const say = (line: string) => console.log(line);
  say('Starting the demo system: Temporal, Prometheus, Alertmanager, PostgreSQL and a payments service under load.');
  const stack = await startStack({ report: say });
  const parts: ChildProcess[] = [];
  try {
    parts.push(background(stack, 'agent', ['agent', '--policy', stack.policyFile]), background(stack, 'worker', ['worker']));
    await until('agent, worker and alerts are ready', () => cli(stack, ['doctor'], 'ignore'), parts);
    say('\nRunning experiments/fraud-latency.yaml: fraud-detector answers 800 ms late. A scripted person is on call.\n');
    const onCall = new AbortController();
    const responding = respond({
      alertmanagerUrl: `http://127.0.0.1:${stack.ports.alertmanager}`,
      replicas: stack.ports.payments.map((port) => `http://127.0.0.1:${port}`),
      say: async (verb, text) => void (await cli(stack, [verb, text, '--as', 'responder'], 'ignore')),
      signal: onCall.signal,
    }).catch((error: unknown) => {
      if (!onCall.signal.aborted) say(`the responder gave up: ${String(error)}`);
    });
    const code = await cli(stack, ['run', 'experiments/fraud-latency.yaml'], 'inherit');
    onCall.abort();
    await responding;
    if (keep) await lingering(stack);
    return code;
  } finally {
    await Promise.all(parts.map(end));
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

function background(stack: Stack, name: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(stack.directory, 'logs', `firedrill-${name}.log`), 'a');
  return spawn(process.execPath, [firedrill, ...args, '--environment', stack.environmentFile], {
    cwd: root,
    stdio: ['ignore', log, log],
  });
}

async function cli(stack: Stack, args: readonly string[], stdio: 'inherit' | 'ignore'): Promise<number> {
  const child = spawn(process.execPath, [firedrill, ...args, '--environment', stack.environmentFile], { cwd: root, stdio });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 70;
}

async function until(what: string, check: () => Promise<number>, parts: readonly ChildProcess[]): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await check()) !== 0) {
    const dead = parts.find((part) => part.exitCode !== null);
    if (dead !== undefined) throw new Error(`a part of firedrill ended with code ${dead.exitCode}; its log is under .lab/logs`);
    if (Date.now() > deadline) throw new Error(`${what}: not after 60 s; the logs are under .lab/logs`);
  }
}

async function end(part: ChildProcess): Promise<void> {
  if (part.exitCode !== null || part.signalCode !== null) return;
  part.kill('SIGTERM');
  await once(part, 'exit');
}

process.exitCode = await demo();

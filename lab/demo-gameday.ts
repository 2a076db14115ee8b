import type { ChildProcess } from 'node:child_process';
import { endProcess, firedrillCommand, startFiredrill } from './firedrill-processes.ts';
import { startStack } from './host/stack.ts';
import type { Stack } from './host/stack.ts';
import { closeRehearsal, surprisesOf } from './rehearsal-closing.ts';
import { playRehearsal } from './rehearsal-people.ts';

const file = 'experiments/game-days/payments-rehearsal.yaml';
const inconclusive = 4;
const say = (line: string): void => console.log(line);

/** A small game day, live: stack, agent, worker, the day with scripted people, and its closing. 0 when it went as designed. */
async function demo(): Promise<number> {
  say('Starting the demo system: Temporal, Prometheus, Alertmanager, PostgreSQL and a payments service under load.');
  const stack = await startStack({ report: say });
  const parts: ChildProcess[] = [];
  try {
    await startFiredrill(stack, parts);
    say(`\nRunning ${file}. The facilitator ada and the responder grace are scripted.\n`);
    const over = new AbortController();
    const people = playRehearsal(stack, over.signal);
    const code = await firedrillCommand(stack, ['game-day', file], 'inherit');
    over.abort();
    return await conclude(stack, await people, code);
  } finally {
    await Promise.all(parts.map(endProcess));
    await stack.stop();
    say('Everything that was started has been stopped.');
  }
}

async function conclude(stack: Stack, dayId: string | null, code: number): Promise<number> {
  if (dayId === null) return code || inconclusive;
  const surprises = await surprisesOf(stack, dayId);
  if (surprises.length > 0) {
    say(`\nNot as designed (a busy machine can do that): ${surprises.join('; ')}.`);
    return code === 0 || code === 1 ? inconclusive : code;
  }
  if (!(await closeRehearsal(stack, dayId, say))) return inconclusive;
  say(`\nAs designed. The day exits ${code}, because a hypothesis broke, and that is what it is for: slow-fraud held, and`);
  say('lost-replicas found that nothing takes a lost replica out of rotation, so its customers get errors until it is back.');
  say('The demo exits 0, because the day was played to its end, left nothing broken, and is closed.');
  return 0;
}

process.exitCode = await demo();

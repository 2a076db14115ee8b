import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Action, GameDayRecord } from '../src/domain/game-day/record.ts';
import type { HypothesisResult } from '../src/domain/run-record.ts';
import { firedrillCommand } from './firedrill-processes.ts';
import type { Stack } from './host/stack.ts';

/** What the rehearsal is made to show; null: steps by hand. */
const designed: Readonly<Record<string, HypothesisResult | null>> = {
  'slow-fraud': 'held',
  'lost-replicas': 'broken',
  'hand-over': null,
};

const remedy = 'Send customers to another replica at the first refused connection, then run replica-kill again.';

/** Tries to close the day, is refused, gives every action an owner, and closes it. True when it is closed. */
export async function closeRehearsal(stack: Stack, dayId: string, say: (line: string) => void): Promise<boolean> {
  const file = join(stack.directory, 'runs', dayId, 'actions.yaml');
  const close = () => firedrillCommand(stack, ['game-day', 'close', dayId, '--actions', file], 'inherit');
  say('\nClosing the day. Nobody owns its actions yet, so it is refused:');
  await close();
  const { actions } = parse(await readFile(file, 'utf8')) as { actions: Action[] };
  const lesson = actions.find(({ scenario }) => scenario === 'lost-replicas');
  const owned = actions.map((action) => ({ ...action, owner: 'grace', ...(action === lesson ? { text: remedy } : {}) }));
  await writeFile(file, stringify({ actions: owned }));
  say('\nGrace takes them, and says what she will do about lost replicas:');
  return (await close()) === 0;
}

/** What went otherwise than the rehearsal was made for, in words; empty when nothing did. */
export async function surprisesOf(stack: Stack, dayId: string): Promise<readonly string[]> {
  const text = await readFile(join(stack.directory, 'runs', dayId, 'game-day.json'), 'utf8');
  const { scenarios, cleanup } = JSON.parse(text) as GameDayRecord;
  const surprises = Object.entries(designed).flatMap(([name, wanted]) => {
    const found = scenarios.find((scenario) => scenario.name === name);
    if (wanted === null) return found?.state === 'done' ? [] : [`${name} was not done by hand`];
    const { ending, hypothesis } = found?.run?.outcome ?? {};
    if (ending !== 'completed') return [`${name} did not come to its end: ${found?.reason ?? 'it is missing'}`];
    return hypothesis === wanted ? [] : [`${name}: its hypothesis is ${hypothesis}, not ${wanted}`];
  });
  return cleanup === 'clean' ? surprises : ['not everything is clean', ...surprises];
}

import { haltCommand } from '../../domain/plan/halt-command.ts';
import { openSession } from '../session.ts';
import { spokenBy, spokenBySomebody } from '../options.ts';
import type { Command } from './command.ts';

export const halt: Command<{ lift: boolean; why: string; as?: string }> = {
  name: 'halt',
  summary: 'revert everything in the environment and let nothing start until lifted',
  options: (yargs) =>
    spokenBySomebody(
      yargs
        .option('lift', { type: 'boolean', default: false, describe: 'let runs start again; revives nothing' })
        .option('why', { type: 'string', default: 'no reason given', describe: 'reason; `status` shows it' }),
    ),
  async run({ environment, lift, why, as }, output) {
    await using session = await openSession(environment);
    const { store } = session.connections;
    const { name } = session.planned;
    if (lift) {
      const was = await store.readHalt();
      await store.liftHalt();
      output.answer(
        { halted: false },
        was === null ? `${name}: no halt was set` : `${name}: halt lifted. Nothing that was reverted comes back`,
      );
      return 0;
    }
    await store.writeHalt({ by: spokenBy(as), why, at: new Date().toISOString() });
    output.answer(
      { halted: true },
      `${name}: halted. Agents revert now; no run starts until \`firedrill halt --lift\`.\nWithout firedrill: ${haltCommand(session.planned)}`,
    );
    return 0;
  },
};

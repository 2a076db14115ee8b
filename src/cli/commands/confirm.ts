import { confirmationWords } from '../../domain/injection/confirmation.ts';
import type { ConfirmationWord } from '../../domain/injection/confirmation.ts';
import { spokenBy, spokenBySomebody } from '../options.ts';
import { openSession } from '../session.ts';
import type { Command } from './command.ts';

/** Past Temporal and the worker, as `halt`: an end can be said while both are dead. */
export const confirm: Command<{ run: string; word: ConfirmationWord; as?: string }> = {
  name: 'confirm <run> <word>',
  summary: 'say that what a fault by hand asks for is done',
  options: (yargs) =>
    spokenBySomebody(
      yargs
        .positional('run', { type: 'string', demandOption: true, describe: 'id of the run, or of one of its injections' })
        .positional('word', { choices: confirmationWords, demandOption: true, describe: 'what is done' }),
    ),
  async run({ environment, run, word, as }, output) {
    await using session = await openSession(environment);
    const { confirmByHand } = await import('../../app/by-hand.ts');
    const asked = { of: run, word, by: spokenBy(as), at: new Date().toISOString() };
    const confirmed = await confirmByHand(session.connections.store, asked);
    output.answer(confirmed, `${confirmed.id}: ${confirmed.by} confirms that it is ${word}. Its agent hears of it now`);
    return 0;
  },
};

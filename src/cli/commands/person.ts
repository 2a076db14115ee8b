import { openSession } from '../session.ts';
import { AppError } from '../../domain/errors.ts';
import type { PersonWord } from '../../domain/run-messages.ts';
import { spokenBy, spokenBySomebody } from '../options.ts';
import type { Command } from './command.ts';

type Args = { text?: string; as?: string };

/** What people say on a run, each with the same shape: `firedrill ack "I have it"`. */
const words: readonly { verb: string; word: PersonWord; summary: string; text: string }[] = [
  { verb: 'note', word: 'note', summary: 'put a note on the timeline of the run', text: 'a note' },
  { verb: 'noticed', word: 'noticed', summary: 'say that you noticed the trouble without being told', text: 'noticed' },
  { verb: 'ack', word: 'acknowledged', summary: 'say that you have the page', text: 'acknowledged' },
  { verb: 'acting', word: 'acted', summary: 'say that you started to act on it', text: 'acting' },
  { verb: 'mitigated', word: 'mitigated', summary: 'say that users no longer suffer', text: 'mitigated' },
];

export const personCommands: readonly Command<Args>[] = words.map(({ verb, word, summary, text: fallback }) => ({
  name: `${verb} [text]`,
  summary,
  options: (yargs) => spokenBySomebody(yargs.positional('text', { type: 'string', describe: 'in your words' })),
  async run({ environment, text, as }, output) {
    await using session = await openSession(environment);
    const orchestrator = await session.orchestrator();
    const status = await orchestrator.status(session.planned.name);
    if (status === null)
      throw new AppError('run/not-found', `nothing runs in ${session.planned.name}, so there is nothing to say it on`);
    const message = {
      runId: status.runId,
      word,
      by: spokenBy(as),
      text: text?.trim() || fallback,
      at: new Date().toISOString(),
    };
    await orchestrator.tell(session.planned.name, message);
    output.answer(message, `${status.runId}: ${message.text} (${message.by})`);
    return 0;
  },
}));

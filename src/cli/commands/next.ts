import { openSession } from '../session.ts';
import { AppError } from '../../domain/errors.ts';
import { spokenBy, spokenBySomebody } from '../options.ts';
import type { Command } from './command.ts';

export const next: Command<{ text?: string; as?: string }> = {
  name: 'next [text]',
  summary: 'the facilitator lets the game day go on',
  options: (yargs) => spokenBySomebody(yargs.positional('text', { type: 'string', describe: 'in your words' })),
  async run({ environment, text, as }, output) {
    await using session = await openSession(environment);
    const orchestrator = await session.orchestrator();
    const status = await orchestrator.status(session.planned.name);
    const facilitators = status?.detail['facilitators'];
    if (status === null || !Array.isArray(facilitators))
      throw new AppError('run/not-found', `no game day runs in ${session.planned.name}. Start one with \`firedrill game-day\``);
    const by = spokenBy(as);
    if (!facilitators.includes(by))
      throw new AppError(
        'policy/denied',
        `${by} is no facilitator of ${status.runId}. Ask ${facilitators.join(' or ')}, or give --as`,
      );
    const message = { runId: status.runId, word: 'next' as const, by, text: text ?? 'next', at: new Date().toISOString() };
    await orchestrator.tell(session.planned.name, message);
    output.answer(message, `${status.runId}: ${by} lets it go on`);
    return 0;
  },
};

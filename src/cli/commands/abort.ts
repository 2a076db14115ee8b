import { openSession } from '../session.ts';
import { AppError } from '../../domain/errors.ts';
import { spokenBy, spokenBySomebody } from '../options.ts';
import type { Command } from './command.ts';

export const abort: Command<{ why: string; as?: string }> = {
  name: 'abort',
  summary: 'end the run in progress; its faults are reverted at once',
  options: (yargs) =>
    spokenBySomebody(
      yargs.option('why', { type: 'string', default: 'no reason given', describe: 'reason, for timeline and report' }),
    ),
  async run({ environment, why, as }, output) {
    await using session = await openSession(environment);
    const orchestrator = await session.orchestrator();
    const runId = await orchestrator.holder(session.planned.name);
    if (runId === null)
      throw new AppError('run/not-found', `nothing runs in ${session.planned.name}. \`firedrill list\` shows what ran`);
    await orchestrator.abort(session.planned.name, { runId, by: spokenBy(as), why });
    output.answer({ runId, aborted: true }, `${runId}: abort sent; the revert follows at once. \`firedrill status\` shows it`);
    return 0;
  },
};

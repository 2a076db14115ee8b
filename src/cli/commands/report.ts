import { openSession } from '../session.ts';
import { AppError } from '../../domain/errors.ts';
import type { Command } from './command.ts';

export const report: Command<{ run?: string; format: 'summary' | 'markdown' | 'html' }> = {
  name: 'report [run]',
  summary: 'print the report of a run',
  options: (yargs) =>
    yargs.positional('run', { type: 'string', describe: 'run id (default: the newest)' }).option('format', {
      choices: ['summary', 'markdown', 'html'] as const,
      default: 'summary' as const,
      describe: 'how to print it',
    }),
  async run({ environment, run, format }, output) {
    await using session = await openSession(environment);
    const { archive } = session.connections;
    const id = run ?? (await archive.list()).find(({ outcome }) => outcome !== null)?.id;
    if (id === undefined) throw new AppError('run/not-found', `no run is in the archive ${session.planned.archiveDirectory} yet`);
    const record = await archive.readRecord(id);
    if (record === null)
      throw new AppError('run/not-found', `the archive has no record of ${id}. \`firedrill list\` shows what it has`);
    const { renderReport, renderSummary } = await import('../../report/index.ts');
    const text = format === 'summary' ? renderSummary(record) : (await renderReport(record))[format];
    output.answer(record, text);
    return 0;
  },
};

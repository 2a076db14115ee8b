import { AppError } from '../../domain/errors.ts';
import type { Session } from '../../compose/session.ts';
import { openSession } from '../session.ts';
import type { Command } from './command.ts';

type Format = 'summary' | 'markdown' | 'html';

export const report: Command<{ run?: string; format: Format }> = {
  name: 'report [run]',
  summary: 'print the report of a run, or the retrospective of a game day',
  options: (yargs) =>
    yargs.positional('run', { type: 'string', describe: 'id of a run or a game day (default: the newest)' }).option('format', {
      choices: ['summary', 'markdown', 'html'] as const,
      default: 'summary' as const,
      describe: 'how to print it',
    }),
  async run({ environment, run, format }, output) {
    await using session = await openSession(environment);
    const id = run ?? (await newest(session));
    const { record, text } = (await ofRun(session, id, format)) ?? (await ofDay(session, id, format)) ?? missing(id);
    output.answer(record, text.trimEnd());
    return 0;
  },
};

async function newest({ connections, planned }: Session): Promise<string> {
  const { listArchive } = await import('../../app/list-archive.ts');
  const id = (await listArchive(connections)).find(({ outcome }) => outcome !== null)?.id;
  if (id === undefined) throw new AppError('run/not-found', `no run is in the archive ${planned.archiveDirectory} yet`);
  return id;
}

async function ofRun({ connections }: Session, id: string, format: Format) {
  const record = await connections.archive.readRecord(id);
  if (record === null) return null;
  const { renderReport, renderSummary } = await import('../../report/index.ts');
  return { record, text: format === 'summary' ? renderSummary(record) : (await renderReport(record))[format] };
}

async function ofDay({ connections }: Session, id: string, format: Format) {
  const record = await connections.gameDays.read(id);
  if (record === null) return null;
  const { renderDaySummary } = await import('../../report/index.ts');
  const { renderRetrospective } = await import('../../report/retrospective/index.ts');
  return { record, text: format === 'summary' ? renderDaySummary(record) : renderRetrospective(record)[format] };
}

function missing(id: string): never {
  throw new AppError('run/not-found', `the archive has no record of ${id}. \`firedrill list\` shows what it has`);
}

import type { Command } from './command.ts';

export const validate: Command<{ files?: string[]; fix: boolean }> = {
  name: 'validate [files..]',
  summary: 'check files, and say every problem with its place',
  options: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'files or folders (default: experiments, hypotheses, slos and environments here)',
      })
      .option('fix', {
        type: 'boolean',
        default: false,
        describe: 'rewrite older formats, and slips where only one word can be meant',
      }),
  async run({ files = [], fix }, output) {
    const { validateWorkspace } = await import('../../compose/validate-workspace.ts');
    const { formatProblem } = await import('../../spec/problem.ts');
    const result = await validateWorkspace(files, { fix });
    const { changes, problems } = result;
    const counts = [
      `${result.files.length} file${result.files.length === 1 ? '' : 's'}`,
      ...(fix ? [`${changes.length} change${changes.length === 1 ? '' : 's'}`] : []),
    ].join(', ');
    output.answer(
      result,
      [
        ...changes.map(({ file, line, column, text }) => `${file}:${line}:${column}: fixed: ${text}`),
        ...problems.map(formatProblem),
        problems.length === 0 ? `${counts}: no problems` : `${counts}, ${problems.length} problem(s)`,
      ].join('\n'),
    );
    return problems.length === 0 ? 0 : 2;
  },
};

import type { Command } from './command.ts';

export const validate: Command<{ files?: string[] }> = {
  name: 'validate [files..]',
  summary: 'check files, and say every problem with its place',
  options: (yargs) =>
    yargs.positional('files', {
      type: 'string',
      array: true,
      describe: 'files or folders (default: experiments, hypotheses and slos here)',
    }),
  async run({ files = [] }, output) {
    const { validateWorkspace } = await import('../../compose/validate-workspace.ts');
    const { formatProblem } = await import('../../spec/problem.ts');
    const result = await validateWorkspace(files);
    const { problems } = result;
    const count = `${result.files.length} file${result.files.length === 1 ? '' : 's'}`;
    output.answer(
      result,
      problems.length === 0
        ? `${count}: no problems`
        : [...problems.map(formatProblem), `${count}, ${problems.length} problem(s)`].join('\n'),
    );
    return problems.length === 0 ? 0 : 2;
  },
};

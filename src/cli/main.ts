import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { version } from '../version.ts';
import { commands } from './commands/index.ts';
import { AppError } from '../domain/errors.ts';
import { leftEarly } from './interrupts.ts';
import { createOutput, reportError } from './output.ts';

/** What is a list also when it is given once. */
const lists: readonly string[] = ['_', 'files'];

/** Runs one command line and gives its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const cli = yargs([...argv])
    .scriptName('firedrill')
    .locale('en')
    .usage('$0 <command>\n\nBreak things on purpose, safely, and measure what happens.')
    .option('environment', {
      alias: 'e',
      type: 'string',
      describe: 'environment file (default: FIREDRILL_ENVIRONMENT)',
      global: true,
    })
    .option('json', { type: 'boolean', default: false, describe: 'print JSON (NDJSON for run)', global: true })
    .option('debug', { type: 'boolean', default: false, describe: 'print stacks of errors', global: true })
    .version(version)
    .completion('completion', 'print a completion script for bash or zsh')
    .demandCommand(1, 'Name a command')
    .strict()
    .check(onceEach, true)
    .recommendCommands()
    .wrap(110)
    .exitProcess(false)
    // It must throw: yargs would go on and carry out a command whose options it did not understand.
    .fail((message, error) => {
      // What an option refuses comes back as yargs's own error.
      if (error !== undefined && error.name !== 'YError') throw error;
      throw new AppError('spec/invalid', `${sentence(message.trim())} \`firedrill --help\` shows what there is`);
    });
  for (const command of commands) {
    cli.command(
      command.name,
      command.summary,
      (builder) => command.options?.(builder) ?? builder,
      async (args) => {
        try {
          exitCode = await command.run(args, createOutput(args.json));
        } catch (error) {
          exitCode = reportError(error, args.debug);
        }
      },
    );
  }
  try {
    await cli.parseAsync();
  } catch (error) {
    return reportError(error, argv.includes('--debug'));
  }
  return exitCode;
}

/** An option that is given twice is a list to yargs, and no command expects one. */
function onceEach(args: Readonly<Record<string, unknown>>): true {
  const twice = Object.keys(args).find((name) => name.length > 1 && !lists.includes(name) && Array.isArray(args[name]));
  if (twice === undefined) return true;
  throw new AppError(
    'spec/invalid',
    `--${twice} is given more than once. Give it once. \`firedrill --help\` shows what there is`,
  );
}

/** yargs recommends a command without saying what for. */
function sentence(said: string): string {
  if (said.startsWith('Did you mean')) return `There is no such command. ${said}`;
  return said.endsWith('?') ? said : `${said}.`;
}

process.exitCode = await main(hideBin(process.argv));
// The long poll for the end of a run that was left would keep the process for its own timeout.
if (process.exitCode === leftEarly) process.exit();

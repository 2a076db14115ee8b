import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { version } from '../version.ts';
import { commands } from './commands/index.ts';
import type { Globals } from './commands/command.ts';
import { createOutput, reportError } from './output.ts';

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
    .demandCommand(1, 'Name a command; `firedrill --help` lists them.')
    .strict()
    .recommendCommands()
    .wrap(110)
    .exitProcess(false)
    .fail((message, error) => {
      if (error) throw error;
      process.stderr.write(`firedrill: ${message}\n`);
      exitCode = 2;
    });
  for (const command of commands) {
    cli.command(
      command.name,
      command.summary,
      (builder) => command.options?.(builder) ?? builder,
      async (args) => {
        // yargs has checked them against the command's own options.
        const globals = args as unknown as Globals & never;
        const { json, debug }: Globals = globals;
        try {
          exitCode = await command.run(globals, createOutput(json));
        } catch (error) {
          exitCode = reportError(error, debug);
        }
      },
    );
  }
  await cli.parseAsync();
  return exitCode;
}

process.exitCode = await main(hideBin(process.argv));

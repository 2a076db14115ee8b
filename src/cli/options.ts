import type { Argv } from 'yargs';
import type { Globals } from './commands/command.ts';

/** Options that several commands take, each with the same meaning. */
export function seeded(yargs: Argv<Globals>): Argv<Globals> {
  return yargs.option('seed', { type: 'number', describe: 'chooses the same targets again' });
}

export function spokenBySomebody(yargs: Argv<Globals>): Argv<Globals> {
  return yargs.option('as', { type: 'string', describe: 'who says so' });
}

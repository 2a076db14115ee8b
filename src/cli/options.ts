import type { Argv } from 'yargs';

/** Options that several commands take, each with the same meaning. */
export function seeded(yargs: Argv): Argv {
  return yargs.option('seed', { type: 'number', describe: 'chooses the same targets again' });
}

export function spokenBySomebody(yargs: Argv): Argv {
  return yargs.option('as', { type: 'string', describe: 'who says so' });
}

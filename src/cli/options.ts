import type { Argv } from 'yargs';
import { readConfig } from '../config.ts';
import type { Globals } from './commands/command.ts';

/** Options that several commands take, each with the same meaning. */
export function seeded(yargs: Argv<Globals>): Argv<Globals> {
  return yargs.option('seed', { type: 'number', describe: 'chooses the same targets again', coerce: wholeNumber });
}

export function spokenBySomebody(yargs: Argv<Globals>): Argv<Globals> {
  return yargs.option('as', { type: 'string', describe: 'who says so' });
}

/** A blank name is none. */
export function spokenBy(as: string | undefined): string {
  return as?.trim() || readConfig().person;
}

/** yargs makes NaN of what is no number. */
function wholeNumber(given: unknown): number {
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= 0) return given;
  throw new Error('--seed takes one whole number from 0, such as the one that a plan printed');
}

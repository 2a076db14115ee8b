import type { Argv } from 'yargs';
import type { Output } from '../output.ts';

export interface Globals {
  readonly environment?: string | undefined;
  readonly json: boolean;
  readonly debug: boolean;
}

/** One verb. `run` gives the exit code; it never ends the process itself. */
export interface Command<Args = object> {
  /** yargs form: `run <experiment>`. */
  readonly name: string;
  readonly summary: string;
  readonly options?: (yargs: Argv<Globals>) => Argv<Globals>;
  /** `args` are what yargs made of the command's own options: a method, so that commands of all options fit one list. */
  run(args: Globals & Args, output: Output): Promise<number>;
}

/** The only reader of the process environment. */
export interface Config {
  /** Environment file to use when none is named. */
  readonly environmentFile: string | null;
  /** Who speaks on a run when `--as` is not given. */
  readonly person: string;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return {
    environmentFile: env['FIREDRILL_ENVIRONMENT'] ?? null,
    person: env['FIREDRILL_PERSON'] ?? env['USER'] ?? env['LOGNAME'] ?? 'someone',
  };
}

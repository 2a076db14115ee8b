/** The only reader of the process environment. */
export interface Config {
  /** Environment file to use when none is named. */
  readonly environmentFile: string | null;
  /** Who speaks on a run when `--as` is not given. */
  readonly person: string;
  /** Programs that agents and sweeps find elsewhere than on the PATH, by name. */
  readonly programs: Readonly<Record<string, string>>;
  /** What `env:NAME` references of secrets are resolved from, by whoever uses them: an agent, a sweep, and for Temporal the worker and the commands. */
  readonly secretVariables: Readonly<Record<string, string | undefined>>;
  /** In a pod: where the cluster's API is. */
  readonly apiServer: { readonly host: string | undefined; readonly port: string | undefined };
  /** In a pod: its name. */
  readonly podName: string;
}

export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  return {
    environmentFile: env['FIREDRILL_ENVIRONMENT'] || null,
    person: env['FIREDRILL_PERSON'] || env['USER'] || env['LOGNAME'] || 'someone',
    programs: env['FIREDRILL_NFT_BIN'] === undefined ? {} : { nft: env['FIREDRILL_NFT_BIN'] },
    secretVariables: env,
    apiServer: { host: env['KUBERNETES_SERVICE_HOST'], port: env['KUBERNETES_SERVICE_PORT'] },
    podName: env['HOSTNAME'] || 'unknown',
  };
}

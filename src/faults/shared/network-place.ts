import { isAppError } from '../../domain/errors.ts';
import type { CommandResult, FaultContext, HelperProcess, HostTools } from '../fault.ts';
import { quickest } from './round-trip.ts';
import type { JsonObject } from '../../domain/json.ts';

/** Whose network rules, relay and measurements are in: this machine's own, or a pod's. */
export interface NetworkPlace {
  readonly run: HostTools['run'];
  readonly isRoot: boolean;
  readonly isPod: boolean;
  startHelper(name: string, config: JsonObject): Promise<HelperProcess>;
  /** Milliseconds of one measurement by a process of this place that no rule turns, as `link-prober` answers it. */
  measure(question: Measurement): Promise<number | null>;
}

/** GET of `path`; null only opens a connection. The quickest of `count` counts: noise only ever adds. */
export interface Measurement {
  readonly host: string;
  readonly port: number;
  readonly path: string | null;
  readonly timeoutMs: number;
  readonly count: number;
}

/** The agent is in this network itself. */
export function hostPlace({ host }: FaultContext): NetworkPlace {
  return {
    run: (argv, options): Promise<CommandResult> => host.run(argv, options),
    isRoot: host.isRoot,
    isPod: false,
    startHelper: (name, config) => host.startHelper(name, config),
    measure: ({ host: name, port, path, timeoutMs, count }) =>
      quickest(count, () => getMs(host, `http://${name}:${port}${path ?? '/'}`, timeoutMs)),
  };
}

/** Milliseconds of one GET; null when nothing came back in time. */
export async function getMs(host: HostTools, url: string, timeoutMs: number): Promise<number | null> {
  try {
    return (await host.http({ method: 'GET', url }, { timeoutMs })).elapsedMs;
  } catch (error) {
    if (isAppError(error) && error.code === 'upstream/unreachable') return null;
    throw error;
  }
}

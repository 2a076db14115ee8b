import type { JsonObject } from '../../domain/json.ts';
import type { Destination } from './destinations.ts';
import type { EchoAnswer, EchoQuestion, ExistingConnections, RelayState } from './relay-client.ts';
import type { Toxic } from './toxic-params.ts';

/**
 * `relay`: the caller calls a relay that is always there. `redirect`: packets are turned into a relay of ours for a while.
 * `netem`: the kernel delays the packets themselves.
 */
export type LinkEngine = 'relay' | 'redirect' | 'netem';

/** A way to one far end that a fault can be put on. */
export interface Link {
  readonly engine: LinkEngine;
  /** Where the caller calls, HOST:PORT. */
  readonly address: string;
  /** Errors: AppError, when a fault cannot be put here, or not with these connections; `claim/taken` when another is on it. */
  check(connections: ExistingConnections): Promise<void>;
  /** Everything slow, with no effect yet. */
  arm(): Promise<void>;
  /** The injection whose fault is on it; null: none, and nothing is done to anybody. */
  holder(): Promise<string | null>;
  set(toxic: Toxic, connections: ExistingConnections): Promise<void>;
  /** False when the effect has ended: it is never brought back. */
  refresh(): Promise<boolean>;
  /** Also what an agent before us left. */
  clear(): Promise<void>;
  /** The quickest round trip as it is; `measurable: false` where there is nothing yet to measure it over. */
  baseline(probePath: string | null): Promise<Baseline>;
  /** Looks for each part of what was asked, from outside. */
  look(toxic: Toxic, baselineMs: number | null, probePath: string | null): Promise<readonly Look[]>;
  /** Whether something of it is still felt. */
  lookAfter(toxic: Toxic, baselineMs: number | null, probePath: string | null): Promise<Look>;
  /** What is there besides: whether packets go our way, and what was counted. */
  inspect(): Promise<Inspection>;
}

/** A link of a pod, which may lead to more addresses while a fault is on it. */
export interface PodLink extends Link {
  /** Brings these under the fault that is on. What has ended is not brought back by it. Errors: `fault/inject-failed`. */
  cover(gained: readonly Destination[], connections: ExistingConnections): Promise<void>;
}

/** A link whose bytes pass a relay of ours, which has an echo of its own. */
export interface RelayedLink extends Link {
  /** null when no relay of this link runs: then it does nothing to anybody. */
  state(): Promise<RelayState | null>;
  /** Over the relay to its own echo. null: no relay runs. */
  echo(question: EchoQuestion): Promise<EchoAnswer | null>;
  /** GET to the far end, over the link as its caller does; milliseconds, null when nothing came back. */
  get(path: string, timeoutMs: number): Promise<number | null>;
}

export interface Baseline {
  readonly measurable: boolean;
  /** null: nothing came back in time. */
  readonly ms: number | null;
}

/** What was seen of one part of a fault. */
export interface Look {
  readonly seen: boolean;
  readonly summary: string;
  readonly data: JsonObject;
}

export interface Inspection {
  /** False: the caller's packets do not come our way, whatever would be done to them. */
  readonly inPath: boolean;
  /** Something of ours is left in the kernel; what. */
  readonly left: string | null;
  readonly data: JsonObject;
}

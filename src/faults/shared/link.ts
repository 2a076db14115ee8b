import type { JsonObject } from '../../domain/json.ts';
import type { EchoAnswer, EchoQuestion, ExistingConnections, RelayState } from './relay-client.ts';
import type { Toxic } from './toxic-params.ts';

/** A way to one far end that a fault can be put on. Which way is declared in the environment; nothing else chooses it. */
export interface Link {
  /** `relay`: the caller calls a relay that is always there. `redirect`: packets are turned into a relay of ours for a while. */
  readonly engine: 'relay' | 'redirect';
  /** Where the caller calls, HOST:PORT. */
  readonly address: string;
  /** Errors: AppError, when a fault cannot be put here, or not with these connections. */
  check(connections: ExistingConnections): Promise<void>;
  /** Everything slow, with no effect yet. */
  arm(): Promise<void>;
  /** null when no relay of this link runs: then it does nothing to anybody. */
  state(): Promise<RelayState | null>;
  set(toxic: Toxic, connections: ExistingConnections): Promise<void>;
  /** False when the effect has ended: it is never brought back. */
  refresh(): Promise<boolean>;
  /** Also what an agent before us left. */
  clear(): Promise<void>;
  /** Over the relay to its own echo. null: no relay runs. */
  echo(question: EchoQuestion): Promise<EchoAnswer | null>;
  /** GET to the far end, over the link as its caller does; milliseconds, null when nothing came back. */
  get(path: string, timeoutMs: number): Promise<number | null>;
  /** What is there besides the relay's toxic: whether packets go our way, and what was counted. */
  inspect(): Promise<Inspection>;
}

export interface Inspection {
  /** False: the caller's packets do not come to the relay, whatever it would do to them. */
  readonly inPath: boolean;
  /** Something of ours is left in the kernel; what. */
  readonly left: string | null;
  readonly data: JsonObject;
}

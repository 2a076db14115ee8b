import type { AgentPolicy, Fault, HostTools } from '../faults/fault.ts';
import type { Clock } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { Journal } from '../ports/journal.ts';
import type { Log } from '../ports/log.ts';

/** What an agent is built from. `compose/agent.ts` hands in the real ones. */
export interface AgentDependencies {
  readonly store: InjectionStore;
  readonly journal: Journal;
  readonly faults: readonly Fault[];
  readonly hostTools: HostTools;
  /** Resolves `env:NAME` or `file:/path`. */
  readonly secret: (ref: string) => Promise<string>;
  readonly policy: AgentPolicy;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  readonly version: string;
}

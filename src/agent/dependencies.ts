import type { RecordError } from '../domain/injection/state.ts';
import type { AgentKind, TargetRef } from '../domain/plan/plan.ts';
import type { ClusterTools } from '../faults/cluster-tools.ts';
import type { AgentPolicy, Fault, HostTools } from '../faults/fault.ts';
import type { NodeTools } from '../faults/node-tools.ts';
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
  /** What this agent carries: only faults that name it. */
  readonly kind: AgentKind;
  /** null but in the cluster's agent. */
  readonly clusterTools: ClusterTools | null;
  /** null but in a node's agent. */
  readonly nodeTools: NodeTools | null;
  /** Why the target, as it is now, may not be acted on, whatever the policy says; null when it may. */
  readonly objectionTo: (target: TargetRef) => Promise<RecordError | null>;
  /** Resolves `env:NAME` or `file:/path`. */
  readonly secret: (ref: string) => Promise<string>;
  readonly policy: AgentPolicy;
  readonly clock: Clock;
  readonly log: Log;
  readonly name: string;
  readonly version: string;
}

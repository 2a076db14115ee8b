import type { JsonObject } from '../domain/json.ts';
import type { AgentKind, ByHand, TargetRef } from '../domain/plan/plan.ts';
import type { Issue } from './problem.ts';

/** What file formats need to know of faults: handed in, so that no format knows any fault. */
export interface FaultRegistry {
  readonly names: readonly string[];
  /** Holds parameters, as people wrote them, against the fault's own schema. */
  parse(name: string, params: unknown): { readonly ok: true } | { readonly ok: false; readonly issues: readonly Issue[] };
  /** Kinds of target the fault acts on; empty for an unknown fault. */
  targets(name: string): readonly TargetRef['kind'][];
  /** Who carries it out; nobody for an unknown fault. */
  agents(name: string): readonly AgentKind[];
  /** Whether pods end or restart by it, with these parameters as people wrote them. */
  disrupts(name: string, params: JsonObject): boolean;
  /** What a person is asked to do, with these parameters as people wrote them; null where agents do it. */
  byHand(name: string, params: JsonObject): ByHand | null;
}

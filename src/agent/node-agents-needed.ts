import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionSpec, Phase } from '../domain/injection/records.ts';
import type { NodeAgentRef } from '../ports/node-agents.ts';

/** An agent that there must be, and why. */
export interface NeededNodeAgent extends NodeAgentRef {
  /** Unix ms. */
  readonly untilMs: number;
  /** Injections that no agent has answered for: nothing is touched yet. */
  readonly waiting: readonly InjectionSpec[];
  /** Injections that an agent has taken up and that have not ended: they may be in effect. */
  readonly begun: readonly InjectionSpec[];
}

export function keyOf({ runId, node }: NodeAgentRef): string {
  return `${runId}/${node}`;
}

/** Whose an injection is; null: not of any node's agent. */
export function nodeAgentOf({ agent, runId, target }: InjectionSpec): NodeAgentRef | null {
  const { node } = target.locator;
  return agent === 'node' && typeof node === 'string' ? { runId, node } : null;
}

/** The agents of nodes that are needed by what has not ended. `leftBehind`: whose undo is kept, whatever became of their records. */
export function neededNodeAgents(
  specs: readonly InjectionSpec[],
  phases: ReadonlyMap<string, Phase>,
  leftBehind: readonly NodeAgentRef[],
  now: number,
): ReadonlyMap<string, NeededNodeAgent> {
  const needed = new Map<string, NeededNodeAgent>();
  const nothing = { untilMs: now, waiting: [], begun: [] };
  for (const ref of leftBehind) needed.set(keyOf(ref), { ...ref, ...nothing });
  for (const spec of specs) {
    const ref = nodeAgentOf(spec);
    const phase = phases.get(spec.id);
    if (ref === null || (phase !== undefined && isTerminal(phase))) continue;
    const known = needed.get(keyOf(ref)) ?? { ...ref, ...nothing };
    const list = phase === undefined ? 'waiting' : 'begun';
    needed.set(keyOf(ref), {
      ...known,
      untilMs: Math.max(known.untilMs, Date.parse(spec.deadline)),
      [list]: [...known[list], spec],
    });
  }
  return needed;
}

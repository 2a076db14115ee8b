import { livingAgents } from '../domain/injection/living-agents.ts';
import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionStatus } from '../domain/injection/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { Recorder } from './recorder.ts';

/** A dead agent is back within two seconds while its watchdog lives, and it beats every second. */
const silentMs = 5000;
/** One of a node is made anew by the cluster's, when it was killed or evicted. */
const holderSilentMs = 10_000;
/** Heartbeats change once a second. */
const lookEveryMs = 500;

/** Whether those are there who make injections true and false. */
export interface AgentWatch {
  /**
   * null while agents were heard of in the last seconds: any, and each that holds one of these injections. Else what is wrong. To be
   * called as often as one likes.
   */
  silence(statuses: readonly InjectionStatus[]): Promise<string | null>;
}

/** Tells the timeline once when an agent falls silent, and once when all are back: what waits for an agent says so. */
export function createAgentWatch(
  store: Pick<InjectionStore, 'readHeartbeats'>,
  { clock, recorder, advice }: { readonly clock: Clock; readonly recorder: Pick<Recorder, 'event'>; readonly advice: string },
): AgentWatch {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let problem: string | null = null;
  /** When each was first seen to hold something: its first beat may be on its way still. */
  const heldSince = new Map<string, number>();
  const said = (who: string, ms: number): string => `${who} heard of for ${ms / 1000} s. ${advice}: it reverts first`;

  return {
    async silence(statuses) {
      if (clock.monotonic() - lookedAt < lookEveryMs) return problem;
      lookedAt = clock.monotonic();
      const beats = await store.readHeartbeats();
      const living = new Set(livingAgents(beats, clock.now(), holderSilentMs).map(({ name }) => name));
      const beaten = new Set(beats.map(({ name }) => name));
      const isNew = (name: string): boolean => !beaten.has(name) && lookedAt - heldSince.get(name)! <= holderSilentMs;
      const holding = holders(statuses);
      for (const name of holding) if (!heldSince.has(name)) heldSince.set(name, lookedAt);
      const silent = [...holding].filter((name) => !living.has(name) && !isNew(name));
      const before = problem;
      const nobody = livingAgents(beats, clock.now(), silentMs).length === 0;
      const who = `an agent that holds a fault of this run (${silent.join(', ')}) was not`;
      problem = nobody ? said('no agent was', silentMs) : silent.length > 0 ? said(who, holderSilentMs) : null;
      if (before === null && problem !== null) recorder.event({ source: 'agent', kind: 'agent.silent', text: problem });
      if (before !== null && problem === null) recorder.event({ source: 'agent', kind: 'agent.back', text: 'an agent is back' });
      return problem;
    },
  };
}

function holders(statuses: readonly InjectionStatus[]): ReadonlySet<string> {
  return new Set(statuses.flatMap(({ phase, agent }) => (agent === undefined || isTerminal(phase) ? [] : [agent.name])));
}

import { livingAgents } from '../domain/injection/living-agents.ts';
import type { Clock } from '../ports/clock.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { Recorder } from './recorder.ts';

/** A dead agent is back within two seconds while its watchdog lives, and it beats every second. */
const silentMs = 5000;
/** Heartbeats change once a second. */
const lookEveryMs = 500;

/** Whether anybody is there to make injections true and false. */
export interface AgentWatch {
  /** null while an agent was heard of in the last seconds, else what is wrong. To be called as often as one likes. */
  silence(): Promise<string | null>;
}

/** Tells the timeline once when the last agent falls silent, and once when one is back: what waits for an agent says so. */
export function createAgentWatch(
  store: Pick<InjectionStore, 'readHeartbeats'>,
  { clock, recorder, advice }: { readonly clock: Clock; readonly recorder: Pick<Recorder, 'event'>; readonly advice: string },
): AgentWatch {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let problem: string | null = null;

  return {
    async silence() {
      if (clock.monotonic() - lookedAt < lookEveryMs) return problem;
      lookedAt = clock.monotonic();
      const living = livingAgents(await store.readHeartbeats(), clock.now(), silentMs);
      const before = problem;
      problem = living.length > 0 ? null : `no agent was heard of for ${silentMs / 1000} s. ${advice}: it reverts first`;
      if (before === null && problem !== null) recorder.event({ source: 'agent', kind: 'agent.silent', text: problem });
      if (before !== null && problem === null) recorder.event({ source: 'agent', kind: 'agent.back', text: 'an agent is back' });
      return problem;
    },
  };
}

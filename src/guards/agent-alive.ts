import { livingAgents } from '../domain/injection/living-agents.ts';
import type { AgentHeartbeat } from '../domain/injection/records.ts';
import { agentAdvice } from '../domain/plan/agent-advice.ts';
import type { Plan } from '../domain/plan/plan.ts';
import type { Guard } from './guard.ts';

/** Heartbeats are rewritten every second; three missed ones are a dead or frozen agent. */
export const freshMs = 3000;

export const agentAlive: Guard = {
  name: 'agent-alive',
  async check({ store, plan, clock }) {
    const { environment } = plan;
    const alive = livingAgents(await store.readHeartbeats(), clock.now(), freshMs);
    if (alive.length === 0) {
      return { result: 'blocked', reason: `no agent is alive in ${environment.name}. ${agentAdvice(environment)}` };
    }
    const missing = missingFaults(plan, alive);
    const allow = environment.platform === 'host' ? "in the agent's policy file" : 'when installing, with `firedrill install`';
    return missing.length === 0
      ? { result: 'ok', reason: `alive: ${alive.map((beat) => beat.name).join(', ')}` }
      : { result: 'blocked', reason: `no live agent offers ${missing.join(', ')}. Allow it ${allow}` };
  },
};

/** Agents of nodes live only as long as a run needs them there: the cluster's agent, which makes them, answers for them. */
function missingFaults({ steps }: Plan, alive: readonly AgentHeartbeat[]): readonly string[] {
  const needed = new Set(steps.filter(({ agent }) => agent !== 'node').map(({ fault }) => fault));
  return [...needed].filter((fault) => !alive.some((beat) => beat.faults.includes(fault)));
}

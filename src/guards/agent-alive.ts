import { livingAgents } from '../domain/injection/living-agents.ts';
import type { Guard } from './guard.ts';

/** Heartbeats are rewritten every second; three missed ones are a dead or frozen agent. */
export const freshMs = 3000;

export const agentAlive: Guard = {
  name: 'agent-alive',
  async check({ store, plan, clock }) {
    const needed = new Set(plan.steps.map((step) => step.fault));
    const alive = livingAgents(await store.readHeartbeats(), clock.now(), freshMs);
    if (alive.length === 0) {
      return {
        result: 'blocked',
        reason: `no agent is alive in ${plan.environment.name}. Start one with \`firedrill agent --policy FILE\``,
      };
    }
    const missing = [...needed].filter((fault) => !alive.some((beat) => beat.faults.includes(fault)));
    return missing.length === 0
      ? { result: 'ok', reason: `alive: ${alive.map((beat) => beat.name).join(', ')}` }
      : { result: 'blocked', reason: `no live agent offers ${missing.join(', ')}. Allow it in the agent's policy file` };
  },
};

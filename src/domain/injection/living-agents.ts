import type { AgentHeartbeat } from './records.ts';

/**
 * Those that were heard of within this time. A beat from the future tells nothing: the clock was set back since, and whoever
 * lives beats again within a second.
 */
export function livingAgents(beats: readonly AgentHeartbeat[], now: number, withinMs: number): readonly AgentHeartbeat[] {
  return beats.filter(({ at }) => Math.abs(now - Date.parse(at)) <= withinMs);
}

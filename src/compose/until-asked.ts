import { once } from 'node:events';
import type { Term } from '../adapters/kubernetes/leader-lease.ts';
import type { Agent } from '../agent/agent.ts';

/** Aborted when this process is asked to end. `disconnect`: the channel to its parent has closed. */
export function askedToEnd(...events: readonly ('SIGTERM' | 'SIGINT' | 'disconnect')[]): AbortSignal {
  const asked = new AbortController();
  for (const event of events) process.on(event, () => asked.abort());
  return asked.signal;
}

export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Runs the agent until it is asked to end. False: it left something that is not reverted. */
export async function untilAsked(agent: Agent, asked: AbortSignal, onReady: () => void): Promise<boolean> {
  // Asked while it starts, it stops what it has taken up by then.
  const clean = aborted(asked).then(() => agent.stop());
  await agent.start();
  onReady();
  return clean;
}

/**
 * The agent of whoever leads. null: it leads no longer, and this process must end: helpers, calls and requests that it began end
 * with it. The rest of its lease is theirs, so it is not handed over before.
 */
export async function untilAskedOrLost(
  agent: Agent,
  { lost, resign }: Pick<Term, 'lost' | 'resign'>,
  asked: AbortSignal,
  onReady: () => void,
): Promise<boolean | null> {
  const clean = await Promise.race([aborted(lost).then(() => null), untilAsked(agent, asked, onReady)]);
  if (clean === null) agent.abandon();
  else await resign();
  return clean;
}

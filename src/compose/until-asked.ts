import { once } from 'node:events';
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

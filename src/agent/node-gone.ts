import { refusedStatus } from '../domain/injection/ends.ts';
import { isoOf } from '../ports/clock.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { NeededNodeAgent } from './node-agents-needed.ts';
import type { NodeAgentsDependencies } from './node-agents.ts';

/**
 * Ends what was begun on a node that will not come back: processes, namespaces and kernel state went with it. What is on a disk
 * may not have, and stays open until the node is back or somebody has looked. A node that only does not answer is waited for.
 * Whether the node is gone.
 */
export async function endOnGoneNode(agent: NeededNodeAgent, deps: NodeAgentsDependencies): Promise<boolean> {
  const { pods, store, journal, lifetimeOf, clock, log } = deps;
  if ((await pods.stateOf(agent.node)) !== 'gone') return false;
  for (const spec of agent.begun) {
    const status = await store.readStatus(spec.id);
    if (status === null || isCorrupt(status)) continue;
    const lifetime = lifetimeOf(spec.fault);
    if (lifetime === null || lifetime === 'persistent') {
      log.error(
        { injection: spec.id, node: agent.node },
        'its node is gone, and what it changed may outlive it: look at the volume',
      );
      continue;
    }
    const at = isoOf(clock);
    const touched = (await journal.read(spec.id)) !== null;
    const why = `node ${agent.node} is gone, and with it all that the fault changed there`;
    await store.writeStatus({
      ...(touched ? status : refusedStatus(spec, { code: 'target/none', message: `Injection "${spec.id}": ${why}` })),
      ...(touched
        ? {
            phase: 'reverted',
            cause: status.cause ?? 'target-gone',
            revertedAt: at,
            revertVerifiedAt: at,
            revertEvidence: { summary: why, data: { readBack: false } },
          }
        : {}),
      agent: { ...deps.agent, pid: process.pid },
    });
    await store.releaseClaims(spec.id);
    log.warn({ injection: spec.id, node: agent.node }, 'injection ended with its node');
  }
  return true;
}

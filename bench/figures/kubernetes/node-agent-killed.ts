import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import { nodeAgentProcess } from '../../cluster/agent-processes.ts';
import { startCallers } from '../../cluster/callers.ts';
import { callFrom } from '../../cluster/calls.ts';
import type { Call } from '../../cluster/calls.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import { latencyOn } from '../../cluster/latency.ts';
import { nodeAgentsGone } from '../../cluster/node-agents.ts';
import { longestFailure } from '../../harness/longest-failure.ts';
import type { Figure } from '../../harness/figure.ts';

/** A new connection that is not even opened within this, over a delay of 100 ms, is refused by whatever hangs there. */
const giveUpMs = 1_000;

export const nodeAgentKilled: Figure<'refused' | 'reverted'> = {
  name: 'node-agent-killed',
  summary: 'kill -9 of the agent, and so of its relay, while it delays the calls of a pod by 100 ms',
  platform: 'kubernetes',
  trials: 20,
  rows: {
    refused: {
      summary:
        'the longest time without an answered call: from the end of the last answered one to the end of the next, 0 when all were',
      unit: 's',
      goal: { max: 2 },
    },
    reverted: { summary: 'from before the kill to the revert seen verified, by its next life', unit: 's' },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('agent'));
    const { links, urlOf } = await startCallers(cluster, { count: 1, node: 'w2' });
    const link = links[0]!;
    const owned = parts.move();
    return {
      async run() {
        await using run = await startClusterRun(cluster, { released: 1 });
        const specs = run.specs([latencyOn(link, { engine: 'relay' })]);
        await run.write(specs);
        await run.when('the fault', specs, isVerified);
        const calls: Call[] = [await callFrom(urlOf(link), giveUpMs)];
        let over = false;
        const calling = (async () => {
          while (!over) calls.push(await callFrom(urlOf(link), giveUpMs));
        })();
        const killedAt = performance.now();
        try {
          process.kill(nodeAgentProcess(run.runId).pid, 'SIGKILL');
          await run.when('the revert', specs, ({ phase }) => phase === 'reverted');
        } finally {
          over = true;
          await calling;
        }
        const reverted = performance.now() - killedAt;
        await run.revert(specs);
        await nodeAgentsGone(cluster, run.runId);
        return { refused: longestFailure(calls) / 1000, reverted: reverted / 1000 };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

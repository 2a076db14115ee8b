import { globSync, readFileSync } from 'node:fs';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import { callFrom, untilCall } from '../../cluster/calls.ts';
import { startCallers } from '../../cluster/callers.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import { replaceAgents } from '../../cluster/installation.ts';
import { latencyOn } from '../../cluster/latency.ts';
import { nodeAgentsGone } from '../../cluster/node-agents.ts';
import type { Figure } from '../../harness/figure.ts';

const leaseSeconds = 5;
const delayMs = 500;
const podCount = 3;

/** Node agents hear of nobody, and can tell nobody: whether a fault is gone is seen by the calls of its pod. */
export const apiServerStopped: Figure<'quick'> = {
  name: 'api-server-stopped',
  summary: `SIGSTOP of the API server while three nodes hold a delay of ${delayMs} ms on a pod each; lease ${leaseSeconds} s`,
  platform: 'kubernetes',
  trials: 20,
  rows: {
    quick: {
      summary: 'from before the stop to the last pod whose calls are quick again',
      unit: 's',
      goal: { max: leaseSeconds + 2 },
    },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('stopped'));
    const { links, urlOf } = await startCallers(cluster, { count: podCount });
    const server = apiServerProcess();
    const owned = parts.move();
    return {
      async run() {
        await using run = await startClusterRun(cluster, { leaseSeconds, released: 1 });
        const specs = run.specs(links.map((link) => latencyOn(link, { delay: `${delayMs}ms` })));
        await run.write(specs);
        await run.when('all three delays', specs, isVerified);
        await Promise.all(links.map((link) => untilCall(urlOf(link), 'slow', ({ ms }) => ms !== null && ms >= delayMs)));
        const stoppedAt = performance.now();
        process.kill(server, 'SIGSTOP');
        let quick;
        try {
          quick = Math.max(
            ...(await Promise.all(links.map((link) => untilCall(urlOf(link), 'quick', ({ ms }) => ms !== null && ms < delayMs)))),
          );
        } finally {
          process.kill(server, 'SIGCONT');
        }
        await run.when('every revert', specs, ({ phase }) => phase === 'reverted');
        const stillQuick = await Promise.all(links.map((link) => callFrom(urlOf(link), 5_000)));
        if (stillQuick.some(({ ms }) => ms === null || ms >= delayMs)) throw new Error('a delay came back with the API server');
        await run.revert(specs);
        // Who lost its lease has begun anew; a container that does so again and again is kept waiting longer and longer.
        await replaceAgents(cluster.agentsNamespace);
        await nodeAgentsGone(cluster, run.runId);
        return { quick: (quick - stoppedAt) / 1000 };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

/** The lab's only one, as this machine numbers it. */
function apiServerProcess(): number {
  const found = globSync('/proc/[0-9]*/cmdline').filter((path) => {
    try {
      return readFileSync(path, 'utf8').startsWith('kube-apiserver\0');
    } catch {
      return false;
    }
  });
  if (found.length !== 1) throw new Error(`there are ${found.length} API servers on this machine, not one`);
  return Number(found[0]!.split('/')[2]);
}

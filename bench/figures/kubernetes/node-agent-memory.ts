import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeAgentProcess } from '../../cluster/agent-processes.ts';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import type { BenchCluster } from '../../cluster/bench-cluster.ts';
import { callersService, startCallers } from '../../cluster/callers.ts';
import { startClusterRun } from '../../cluster/cluster-run.ts';
import { latencyOn } from '../../cluster/latency.ts';
import { nodeAgentPods, nodeAgentsGone } from '../../cluster/node-agents.ts';
import type { Figure } from '../../harness/figure.ts';

const node = 'w2';
/** Kubelets look at memory every 10 to 20 s. */
const settleMs = 40_000;
const mebibyte = 2 ** 20;

export const nodeAgentMemory: Figure<'workingSet' | 'agentItself' | 'withRelay'> = {
  name: 'node-agent-memory',
  summary: "a node agent's memory at rest, as its kubelet counts it",
  platform: 'kubernetes',
  trials: 2,
  rows: {
    workingSet: { summary: 'working set with one injection armed that needs no helper', unit: 'MiB', goal: { max: 100 } },
    agentItself: { summary: 'of that, the process of the agent: pages of its own, and its share of others', unit: 'MiB' },
    withRelay: {
      summary: 'working set with one network-latency armed besides: its relay, and what measures the link',
      unit: 'MiB',
    },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('memory'));
    const { services, links } = await startCallers(cluster, { count: 1, node });
    const [pod] = await cluster.targets(services, { kind: 'member', service: callersService }, 1);
    const owned = parts.move();
    return {
      async run() {
        // Nothing is released: both stay armed.
        await using run = await startClusterRun(cluster);
        const alone = run.specs([{ fault: 'container-kill', agent: 'node', params: {}, target: pod! }]);
        await run.write(alone);
        await run.when('the kill armed', alone, ({ phase }) => phase === 'armed');
        await sleep(settleMs);
        const workingSet = await workingSetOf(cluster, run.runId);
        const agentItself = shareOf(nodeAgentProcess(run.runId).pid);
        const relayed = run.specs([latencyOn(links[0]!)]);
        await run.write(relayed);
        await run.when('the delay armed', relayed, ({ phase }) => phase === 'armed');
        await sleep(settleMs);
        const withRelay = await workingSetOf(cluster, run.runId);
        await run.revert([...alone, ...relayed]);
        await nodeAgentsGone(cluster, run.runId);
        return { workingSet, agentItself, withRelay };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string };
    readonly containers?: readonly { readonly memory?: { readonly workingSetBytes?: number } }[];
  }[];
}

/** MiB */
async function workingSetOf(cluster: BenchCluster, runId: string): Promise<number> {
  const [pod] = await nodeAgentPods(cluster, runId);
  const answer = await cluster.api.request({
    method: 'GET',
    path: `/api/v1/nodes/${node}/proxy/stats/summary`,
    timeoutMs: 20_000,
  });
  const { pods } = (answer.ok ? answer.object : { pods: [] }) as Summary;
  const bytes = pods.find(({ podRef }) => podRef.name === pod?.metadata.name)?.containers?.[0]?.memory?.workingSetBytes;
  if (bytes === undefined) throw new Error(`the kubelet of ${node} does not say what ${pod?.metadata.name ?? runId} uses`);
  return bytes / mebibyte;
}

/** Proportional set size, MiB: what several processes share is divided among them. */
function shareOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { clusterAgentProcesses } from '../../cluster/agent-processes.ts';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import type { BenchCluster } from '../../cluster/bench-cluster.ts';
import { callee, callersService, startCallers } from '../../cluster/callers.ts';
import { leaderOf } from '../../cluster/leader.ts';
import { startClusterDrills } from '../../cluster/cluster-drills.ts';
import { makeSettings, settings } from '../../cluster/settings.ts';
import { replaceAgents } from '../../cluster/installation.ts';
import type { Figure } from '../../harness/figure.ts';
import { revertVerifiedAt } from '../../stack/drill.ts';
import { slowPodAndWrongConfig } from '../../stack/experiments.ts';
import type { Orchestration } from '../../stack/orchestration.ts';

const leaseSeconds = 5;
const leaderLeaseSeconds = 6;
/** Beside worker and Temporal. */
const kills = ['follower', 'leader'] as const;
type Killed = (typeof kills)[number];
type RowName = `${Killed}${'Node' | 'NodeBegun' | 'Api' | 'ApiBegun'}`;

/** Both cells run side by side, each on an installation and a stack of its own. Every run must end clean. */
export const clusterKillMatrix: Figure<RowName> = {
  name: 'cluster-kill-matrix',
  summary: `kill -9 of worker, Temporal and one cluster agent, while a node's and the cluster's agent hold a fault each; lease ${leaseSeconds} s`,
  platform: 'kubernetes',
  trials: 20,
  rows: { ...rowsOf('follower', 'waits', 0), ...rowsOf('leader', 'leads', leaderLeaseSeconds) },
  async open({ say }) {
    await using parts = new AsyncDisposableStack();
    const cells = await Promise.all(kills.map((killed) => openCell(killed, say)));
    cells.forEach((cell) => parts.use(cell));
    const owned = parts.move();
    return {
      async run() {
        const [follower, leader] = await Promise.all([cells[0]!.run(), cells[1]!.run()]);
        return {
          followerNode: follower.node,
          followerNodeBegun: follower.nodeBegun,
          followerApi: follower.api,
          followerApiBegun: follower.apiBegun,
          leaderNode: leader.node,
          leaderNodeBegun: leader.nodeBegun,
          leaderApi: leader.api,
          leaderApiBegun: leader.apiBegun,
        };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

function rowsOf(killed: Killed, which: string, leaderSeconds: number): Figure<RowName>['rows'] {
  const max = leaseSeconds + 2;
  const begun = { summary: 'of that: until the agent began to revert, when the lease was over', unit: 's' };
  return {
    [`${killed}Node`]: { summary: `with the agent that ${which}: the node's fault verified gone`, unit: 's', goal: { max } },
    [`${killed}NodeBegun`]: begun,
    [`${killed}Api`]: {
      summary: `with the agent that ${which}: the API's fault verified gone`,
      unit: 's',
      goal: { max: max + leaderSeconds },
    },
    [`${killed}ApiBegun`]: begun,
  } as Figure<RowName>['rows'];
}

/** Seconds from before the kills to the verified revert, and of those until it began. */
interface Reverted {
  readonly node: number;
  readonly nodeBegun: number;
  readonly api: number;
  readonly apiBegun: number;
}

async function openCell(killed: Killed, say: (line: string) => void): Promise<AsyncDisposable & { run(): Promise<Reverted> }> {
  await using parts = new AsyncDisposableStack();
  const cluster = parts.use(await openBenchCluster(`kill-${killed}`));
  await makeSettings(cluster, [settings.name]);
  const callers = await startCallers(cluster, { count: 2, node: 'w2' });
  const services = {
    [callersService]: { ...callers.services[callersService]!, configs: [{ name: 'settings', configMap: settings.name }] },
  };
  const experiment = slowPodAndWrongConfig({
    name: `kill-${killed}`,
    hold: '60s',
    lease: `${leaseSeconds}s`,
    abortUnless: '< 9',
    service: callersService,
    to: callee,
    config: 'settings',
    key: settings.key,
  });
  const stack = parts.use(
    await startClusterDrills(cluster, { services, userUrls: callers.links.map(callers.urlOf), experiment, say }),
  );
  const owned = parts.move();
  return {
    run: () => killAndRestore(killed, cluster, stack),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function killAndRestore(killed: Killed, cluster: BenchCluster, stack: Orchestration): Promise<Reverted> {
  const drill = await stack.drills.start();
  await drill.injections(({ phase }) => phase === 'active');
  const leads = await leaderOf(cluster);
  const victim = clusterAgentProcesses(cluster.agentsNamespace).find(({ pod }) => (pod === leads) === (killed === 'leader'));
  if (victim === undefined) throw new Error(`there is no ${killed} among the cluster's agents`);
  // Anywhere between two renewals, which come once a second.
  await sleep(Math.random() * 1000);
  const killedAt = Date.now();
  for (const { pid } of [stack.workers().at(-1)!, stack.temporal(), victim]) process.kill(pid, 'SIGKILL');
  const [node, api] = await drill.injections(({ phase }) => phase === 'reverted');
  // A container that is killed again and again is kept waiting longer and longer by its kubelet.
  await replaceAgents(cluster.agentsNamespace);
  await stack.startTemporal();
  await stack.startWorker();
  const { outcome } = await drill.ended();
  if (outcome.cleanup !== 'clean') throw new Error(`run ${drill.runId} is not clean: ${outcome.reason}`);
  for (const status of [node!, api!]) {
    if (Date.parse(status.revertStartedAt ?? '') < killedAt)
      throw new Error(`${status.id}: the revert had begun before the kill`);
  }
  const since = (at: number): number => (at - killedAt) / 1000;
  return {
    node: since(revertVerifiedAt(node!)),
    nodeBegun: since(Date.parse(node!.revertStartedAt ?? '')),
    api: since(revertVerifiedAt(api!)),
    apiBegun: since(Date.parse(api!.revertStartedAt ?? '')),
  };
}

import { clusterAgentProcesses } from '../../cluster/agent-processes.ts';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import type { BenchCluster } from '../../cluster/bench-cluster.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import { replaceAgents } from '../../cluster/installation.ts';
import { driftOf, makeSettings, settings, settingsTargets } from '../../cluster/settings.ts';
import type { Figure } from '../../harness/figure.ts';
import type { KubeObject } from '../../../src/ports/kubernetes.ts';
import { names } from '../../../src/install/names.ts';
import { until } from '../../../lab/kubernetes/step.ts';

const readyWithinMs = 120_000;

export const clusterAgentsDead: Figure<'fromReady' | 'fromKill'> = {
  name: 'cluster-agents-dead',
  summary: "kill -9 of both of the cluster's agents while they hold a config-drift; their kubelets start them again",
  platform: 'kubernetes',
  trials: 20,
  rows: {
    fromReady: {
      summary: 'from the first that is seen ready again to the verified revert; below 0: it was reverted before that',
      unit: 's',
      goal: { max: 3 },
    },
    fromKill: { summary: 'from before the kill to the verified revert', unit: 's' },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('dead'));
    await makeSettings(cluster, [settings.name]);
    const [target] = await settingsTargets(cluster, [settings.name]);
    const owned = parts.move();
    return {
      async run() {
        await using run = await startClusterRun(cluster, { released: 1 });
        const specs = run.specs([driftOf(target!)]);
        await run.write(specs);
        await run.when('the drift', specs, isVerified);
        const killed = clusterAgentProcesses(cluster.agentsNamespace);
        const killedAt = performance.now();
        for (const { pid } of killed) process.kill(pid, 'SIGKILL');
        const [readyAt, revertedAt] = await Promise.all([
          readyAgain(cluster),
          run.when('the revert', specs, ({ phase }) => phase === 'reverted').then(() => performance.now()),
        ]);
        await run.revert(specs);
        // A container that is killed again and again is kept waiting longer and longer by its kubelet.
        await replaceAgents(cluster.agentsNamespace);
        return { fromReady: (revertedAt - readyAt) / 1000, fromKill: (revertedAt - killedAt) / 1000 };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

interface AgentPod extends KubeObject {
  readonly status: { readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[] };
}

/** Monotonic. The API's own stamp has no more than seconds. */
function readyAgain({ api, agentsNamespace }: BenchCluster): Promise<number> {
  const pods = { group: '', version: 'v1', resource: 'pods', namespace: agentsNamespace };
  return until('one of the agents ready again', readyWithinMs, async () => {
    const { items } = await api.list<AgentPod>(pods, { labelSelector: `app.kubernetes.io/name=${names.clusterAgent}` });
    const containers = items.flatMap(({ status }) => status.containerStatuses ?? []);
    return containers.some(({ ready, restartCount }) => ready && restartCount > 0) ? performance.now() : null;
  });
}

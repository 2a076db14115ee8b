import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import { startCallers } from '../../cluster/callers.ts';
import { startClusterRun } from '../../cluster/cluster-run.ts';
import { watchDeletions } from '../../cluster/deletions.ts';
import type { Figure } from '../../harness/figure.ts';
import { spreadOf } from '../../harness/spread.ts';

const podCount = 6;
const killCount = 3;

export const clusterPodKill: Figure<'first' | 'skew'> = {
  name: 'cluster-pod-kill',
  summary: 'pod-kill of three of six pods, released by one write, as somebody sees it who watches the pods',
  platform: 'kubernetes',
  trials: 20,
  rows: {
    first: {
      summary: 'from before the release is written to the first pod that is seen deleted',
      unit: 'ms',
      goal: { median: 150 },
    },
    skew: { summary: 'from the first to the last pod that is seen deleted', unit: 'ms', goal: { median: 40 } },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('kill'));
    const { services } = await startCallers(cluster, { count: podCount });
    const deletions = parts.use(await watchDeletions(cluster));
    const owned = parts.move();
    return {
      async run() {
        const pods = await cluster.targets(services, { kind: 'member', service: 'callers' }, podCount);
        await using run = await startClusterRun(cluster);
        const specs = run.specs(
          pods.slice(0, killCount).map((target) => ({ fault: 'pod-kill', agent: 'cluster' as const, params: {}, target })),
        );
        await run.write(specs);
        await run.when('every kill armed', specs, ({ phase }) => phase === 'armed');
        const releasedAt = performance.now();
        await run.permit.release(1);
        await run.when('every kill done', specs, ({ phase }) => phase === 'spent');
        const times = await Promise.all(specs.map(({ target }) => deletions.of(target.uid)));
        return { first: Math.min(...times) - releasedAt, skew: spreadOf(times) };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

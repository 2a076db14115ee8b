import type { InjectionStatus } from '../../../src/domain/injection/records.ts';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import { startCallers } from '../../cluster/callers.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import { latencyOn } from '../../cluster/latency.ts';
import type { Figure } from '../../harness/figure.ts';
import { spreadOf } from '../../harness/spread.ts';

const targetCount = 6;

export const clusterSkew: Figure<'injected' | 'verified' | 'lastInjected'> = {
  name: 'cluster-skew',
  summary: 'network-latency on six pods of three nodes, released by one write: how far apart their delays begin',
  platform: 'kubernetes',
  trials: 100,
  rows: {
    injected: { summary: 'the first to the last delay that its agent put in place', unit: 'ms', goal: { median: 40 } },
    verified: {
      summary: 'the first to the last round trip that was seen slow, which is the skew that a report shows',
      unit: 'ms',
    },
    lastInjected: { summary: 'from before the release is written to the last delay in place', unit: 'ms' },
  },
  async open({ trials }) {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('skew'));
    const nodes = 3;
    const { links } = await startCallers(cluster, { count: targetCount + nodes });
    const keepers = [...new Map(links.map((link) => [link.locator['node'], link])).values()];
    const targets = links.filter((link) => !keepers.includes(link));
    const run = parts.use(await startClusterRun(cluster, { lookEveryMs: 50 }));
    // Never released: they keep an agent on each node, so that each trial finds it there.
    const keeping = run.specs(keepers.map((target) => ({ ...latencyOn(target), stage: trials + 1 })));
    await run.write(keeping);
    await run.when('an agent on each node', keeping, ({ phase }) => phase === 'armed');
    const owned = parts.move();
    return {
      async run(ordinal) {
        const specs = run.specs(targets.map((target) => ({ ...latencyOn(target), stage: ordinal })));
        try {
          await run.write(specs);
          await run.when('every injection armed', specs, ({ phase }) => phase === 'armed');
          const releasedAt = Date.now();
          await run.permit.release(ordinal);
          const statuses = await run.when('every injection verified', specs, isVerified);
          const injected = statuses.map((status) => timeOf(status, 'activeAt'));
          return {
            injected: spreadOf(injected),
            verified: spreadOf(statuses.map((status) => timeOf(status, 'verifiedAt'))),
            lastInjected: Math.max(...injected) - releasedAt,
          };
        } finally {
          await run.withdraw(specs);
        }
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

const timeOf = (status: InjectionStatus, stamp: 'activeAt' | 'verifiedAt'): number => Date.parse(status[stamp] ?? '');

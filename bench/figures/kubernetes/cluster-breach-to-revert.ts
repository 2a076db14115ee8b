import { setTimeout as sleep } from 'node:timers/promises';
import type { InjectionStatus } from '../../../src/domain/injection/records.ts';
import type { RunRecord } from '../../../src/domain/run-record.ts';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import { callee, callersService, startCallers } from '../../cluster/callers.ts';
import { startClusterDrills } from '../../cluster/cluster-drills.ts';
import { netemWorker } from '../../cluster/netem-worker.ts';
import type { Figure } from '../../harness/figure.ts';
import { slowPods } from '../../stack/experiments.ts';

const intervalMs = 1000;
const slowCount = 2;
/** Never every member. */
const podCount = slowCount + 1;

/** As `breach-to-revert` on a host, with the fault in a cluster: what it takes to revert is taken off, and given beside it. */
export const clusterBreachToRevert: Figure<'commanded' | 'beyondRevert' | 'revert' | 'verified'> = {
  name: 'cluster-breach-to-revert',
  summary: 'two pods made slow by netem, scrape and probe every second, 1 of 1 bad samples is a breach',
  platform: 'kubernetes',
  trials: 10,
  rows: {
    commanded: {
      summary: 'the scrape that makes the deciding bad sample visible, to the durable command to revert',
      unit: 'ms',
      goal: { median: intervalMs / 2 + 100 },
    },
    beyondRevert: {
      summary: "the scrape that makes it visible, to both reverts seen verified, less the fault's own revert",
      unit: 's',
      goal: { median: 0.75 },
    },
    revert: { summary: "the fault's own revert: an agent begins it, to the last that is read back", unit: 's' },
    verified: { summary: 'the scrape that makes it visible, to both reverts seen verified', unit: 's' },
  },
  async open({ say }) {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('breach'));
    const { services, links, urlOf } = await startCallers(cluster, { count: podCount, node: netemWorker() });
    const experiment = slowPods({
      name: 'slow-until-breach',
      hold: '30s',
      lease: '15s',
      // Both are there to be reverted when it is breached.
      abortUnless: `< ${slowCount}`,
      service: callersService,
      to: callee,
    });
    const stack = parts.use(
      await startClusterDrills(cluster, {
        services,
        userUrls: links.map(urlOf),
        users: { answerWithinMs: 1500, badFrom: slowCount },
        experiment,
        say,
      }),
    );
    const owned = parts.move();
    return {
      async run() {
        // Scrapes and probe samples both come once a second: a run must not begin at the same point between two of them.
        await sleep(Math.random() * intervalMs);
        stack.users.forget();
        const drill = await stack.drills.start();
        const statuses = await drill.injections(({ phase }) => phase === 'reverted');
        const seenAt = Date.now();
        const visible = stack.users.badScrapeServedAt();
        const record = await drill.ended();
        if (visible === null || record.outcome.abortedBy?.kind !== 'probe' || record.outcome.cleanup !== 'clean') {
          throw new Error(`run ${drill.runId} was not ended by its probe, or is not clean: ${record.outcome.reason}`);
        }
        const revert = revertMs(statuses) / 1000;
        const verified = (seenAt - visible) / 1000;
        return { commanded: commandedAt(record) - visible, beyondRevert: verified - revert, revert, verified };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

/** By one clock, the agent's, which is not ours: its node has a kernel of its own. */
function revertMs(statuses: readonly InjectionStatus[]): number {
  const from = Math.min(...statuses.map(({ revertStartedAt }) => Date.parse(revertStartedAt ?? '')));
  return Math.max(...statuses.map(({ revertVerifiedAt }) => Date.parse(revertVerifiedAt ?? ''))) - from;
}

function commandedAt({ run, timeline }: RunRecord): number {
  const event = timeline.find(({ kind }) => kind === 'run.revert-commanded');
  if (event === undefined) throw new Error(`run ${run.id} has no command to revert in its timeline`);
  return Date.parse(event.at);
}

import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import { startCallers } from '../../cluster/callers.ts';
import { untilCall } from '../../cluster/calls.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import { latencyOn } from '../../cluster/latency.ts';
import { netemWorker } from '../../cluster/netem-worker.ts';
import { nodeAgentsGone } from '../../cluster/node-agents.ts';
import type { Figure } from '../../harness/figure.ts';

const podCount = 2;
/** Far more than a call takes on a busy machine. */
const delayMs = 500;

export const netemFelt: Figure<'felt' | 'gone' | 'goneFelt'> = {
  name: 'netem-felt',
  summary: `netem delay of ${delayMs} ms on two pods of the netem worker: how soon both feel it, and how soon it is gone`,
  platform: 'kubernetes',
  trials: 20,
  rows: {
    felt: {
      summary: `from before the release is written until a slow call of each pod is back, the call's own ${delayMs * 2} ms taken off`,
      unit: 's',
      goal: { median: 0.9 },
    },
    gone: { summary: 'from before the revert is commanded until both are seen verified gone', unit: 's', goal: { median: 1 } },
    goneFelt: { summary: 'from before the revert is commanded until a quick call of each pod is back', unit: 's' },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const node = netemWorker();
    const cluster = parts.use(await openBenchCluster('netem'));
    const { links, urlOf } = await startCallers(cluster, { count: podCount, node });
    const untilEach = async (what: string, fits: (ms: number) => boolean): Promise<number> =>
      Math.max(...(await Promise.all(links.map((link) => untilCall(urlOf(link), what, ({ ms }) => ms !== null && fits(ms))))));
    const owned = parts.move();
    return {
      async run() {
        await untilEach('quick', (ms) => ms < delayMs);
        await using run = await startClusterRun(cluster);
        const specs = run.specs(links.map((link) => latencyOn(link, { delay: `${delayMs}ms`, engine: 'netem' })));
        await run.write(specs);
        await run.when('both armed', specs, ({ phase }) => phase === 'armed');
        // A call opens a connection and asks: two of its packets wait.
        const releasedAt = performance.now();
        const slow = untilEach('slow', (ms) => ms >= 2 * delayMs);
        await run.permit.release(1);
        const felt = (await slow) - 2 * delayMs - releasedAt;
        await run.when('both verified', specs, isVerified);
        const askedAt = performance.now();
        const [goneFelt, gone] = await Promise.all([
          untilEach('quick', (ms) => ms < delayMs),
          run.revert(specs).then(() => performance.now()),
        ]);
        await nodeAgentsGone(cluster, run.runId);
        return { felt: felt / 1000, gone: (gone - askedAt) / 1000, goneFelt: (goneFelt - askedAt) / 1000 };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

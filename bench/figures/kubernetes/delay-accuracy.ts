import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import type { BenchCluster } from '../../cluster/bench-cluster.ts';
import { startCallers } from '../../cluster/callers.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import { latencyOn } from '../../cluster/latency.ts';
import { netemWorker } from '../../cluster/netem-worker.ts';
import { nodeAgentsGone } from '../../cluster/node-agents.ts';
import { compareDelay } from '../../harness/delay-error.ts';
import type { Figure } from '../../harness/figure.ts';

const asked = { delayMs: 100, jitterMs: 20 };
const connections = 20;
/** By 5,000 alone the width of a middle half is known to 1.4 % (one standard deviation), by these to 0.7 %, were each by itself. */
const samples = 20_000;

type RowName = `${'netem' | 'relay'}${'Mean' | 'Jitter' | 'JitterSeen' | 'MeanError' | 'JitterError' | 'Timer'}`;

/** Both engines, each where it is used: netem on its worker, the relay on one without netem. */
export const delayAccuracy: Figure<RowName> = {
  name: 'delay-accuracy',
  summary: `a delay of ${asked.delayMs} ± ${asked.jitterMs} ms, drawn evenly, over ${samples} round trips on ${connections} kept connections`,
  platform: 'kubernetes',
  trials: 2,
  rows: { ...rowsOf('netem', 2), ...rowsOf('relay', 5) },
  async open() {
    await using parts = new AsyncDisposableStack();
    const netem = parts.use(await openEngine('netem', netemWorker()));
    const relay = parts.use(await openEngine('relay', 'w2'));
    const owned = parts.move();
    return {
      run: async () => ({ ...(await netem.measure()), ...(await relay.measure()) }),
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

function rowsOf<Engine extends 'netem' | 'relay'>(engine: Engine, percent: number) {
  const goal = { max: percent };
  return {
    [`${engine}Mean`]: { summary: `${engine}: what the delay adds to a round trip, on the average`, unit: 'ms' },
    [`${engine}MeanError`]: { summary: `${engine}: how far that is from what was asked`, unit: '%', goal },
    [`${engine}JitterSeen`]: {
      summary: `${engine}: half the width of an even spread whose middle half is as wide as what was seen`,
      unit: 'ms',
    },
    [`${engine}Jitter`]: {
      summary: `${engine}: the same without what is late under a delay without jitter, of the machine and of the engine`,
      unit: 'ms',
    },
    [`${engine}JitterError`]: { summary: `${engine}: how far that is from what was asked`, unit: '%', goal },
    [`${engine}Timer`]: { summary: `${engine}: the shortest wait of a timer there, which no delay is finer than`, unit: 'ms' },
  } as Figure<RowName>['rows'];
}

interface EngineBench extends AsyncDisposable {
  measure(): Promise<Readonly<Partial<Record<RowName, number>>>>;
}

async function openEngine(engine: 'netem' | 'relay', node: string): Promise<EngineBench> {
  await using parts = new AsyncDisposableStack();
  const cluster = parts.use(await openBenchCluster(engine));
  const { links, urlOf } = await startCallers(cluster, { count: 1, node });
  const link = links[0]!;
  const owned = parts.move();
  const ask = async (path: string): Promise<unknown> =>
    (await fetch(`${urlOf(link)}${path}`, { signal: AbortSignal.timeout(240_000) })).json();
  const roundTrips = async (pauseMs: number) =>
    (await ask(`/round-trips?connections=${connections}&samples=${samples}&pause=${pauseMs}`)) as number[];
  return {
    async measure() {
      // As many in a second as under the delay: what waits for another's turn is not what the delay adds.
      const without = await roundTrips(asked.delayMs);
      const delay = { delay: `${asked.delayMs}ms`, engine };
      const always = await underDelay(cluster, latencyOn(link, delay), () => roundTrips(0));
      const jitter = `${asked.jitterMs}ms`;
      const drawn = await underDelay(cluster, latencyOn(link, { ...delay, jitter }), () => roundTrips(0));
      const { meanMs, jitterMs, jitterSeenMs, meanErrorPercent, jitterErrorPercent } = compareDelay(asked, {
        without,
        always,
        drawn,
      });
      return {
        [`${engine}Mean`]: meanMs,
        [`${engine}MeanError`]: meanErrorPercent,
        [`${engine}JitterSeen`]: jitterSeenMs,
        [`${engine}Jitter`]: jitterMs,
        [`${engine}JitterError`]: jitterErrorPercent,
        [`${engine}Timer`]: ((await ask('/timer')) as { readonly ms: number }).ms,
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function underDelay<T>(cluster: BenchCluster, fault: ReturnType<typeof latencyOn>, work: () => Promise<T>): Promise<T> {
  await using run = await startClusterRun(cluster, { released: 1 });
  const specs = run.specs([fault]);
  await run.write(specs);
  await run.when('the delay', specs, isVerified);
  const result = await work();
  await run.revert(specs);
  await nodeAgentsGone(cluster, run.runId);
  return result;
}

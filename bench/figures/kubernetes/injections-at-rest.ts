import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterAgentProcesses } from '../../cluster/agent-processes.ts';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import type { BenchCluster } from '../../cluster/bench-cluster.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import { leaderOf } from '../../cluster/leader.ts';
import { countRequests } from '../../cluster/request-count.ts';
import type { RequestCount } from '../../cluster/request-count.ts';
import { driftOf, makeSettings, settingsTargets } from '../../cluster/settings.ts';
import type { Figure } from '../../harness/figure.ts';
import { processorSeconds } from '../../harness/processor-seconds.ts';

const injectionCount = 500;
const watchedSeconds = 60;

/** One live injection, then many: what grows with them is the difference. */
export const injectionsAtRest: Figure<
  'processorOfOne' | 'processor' | 'requestsOfOne' | 'requests' | 'perInjection' | 'allActive' | 'allGone'
> = {
  name: 'injections-at-rest',
  summary: `${injectionCount} live config-drifts, on as many ConfigMaps: what their agent uses while nothing changes, for ${watchedSeconds} s`,
  platform: 'kubernetes',
  trials: 1,
  rows: {
    processorOfOne: { summary: 'processor of the leading agent with one live injection', unit: '% of a core' },
    processor: { summary: `the same with ${injectionCount}`, unit: '% of a core', goal: { max: 2 } },
    requestsOfOne: { summary: "requests of both of the cluster's agents with one live injection", unit: 'per s' },
    requests: { summary: `the same with ${injectionCount}`, unit: 'per s' },
    perInjection: { summary: 'requests that each further injection adds', unit: 'per s', goal: { max: 0.01 } },
    allActive: {
      summary: `from before the first of ${injectionCount} records is written to all verified, written one after the other`,
      unit: 's',
    },
    allGone: { summary: 'from before the revert is commanded to all verified gone', unit: 's' },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('rest'));
    const names = Array.from({ length: injectionCount }, (_, index) => `settings-${index + 1}`);
    await makeSettings(cluster, names);
    const targets = await settingsTargets(cluster, names);
    const requests = parts.use(await countRequests(cluster));
    const owned = parts.move();
    return {
      async run() {
        await using run = await startClusterRun(cluster, { released: 1 });
        const [first, ...others] = run.specs(targets.map(driftOf));
        await run.write([first!]);
        await run.when('the first drift', [first!], isVerified);
        const one = await restOf(cluster, requests);
        const from = performance.now();
        await run.write(others);
        await run.when('all drifts', [first!, ...others], isVerified);
        const allActive = (performance.now() - from) / 1000;
        const all = await restOf(cluster, requests);
        const askedAt = performance.now();
        await run.revert([first!, ...others]);
        return {
          processorOfOne: one.processor,
          processor: all.processor,
          requestsOfOne: one.requests,
          requests: all.requests,
          perInjection: Math.max(0, all.requests - one.requests) / others.length,
          allActive,
          allGone: (performance.now() - askedAt) / 1000,
        };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

/** After what was just done has settled. */
async function restOf(cluster: BenchCluster, requests: RequestCount): Promise<{ processor: number; requests: number }> {
  await sleep(5_000);
  const leads = await leaderOf(cluster);
  const leader = clusterAgentProcesses(cluster.agentsNamespace).find(({ pod }) => pod === leads);
  if (leader === undefined) throw new Error(`${leads} runs nowhere on this machine`);
  const look = async (): Promise<{ at: number; processor: number; requests: number }> => ({
    at: performance.now(),
    processor: processorSeconds(readFileSync(`/proc/${leader.pid}/stat`, 'utf8')),
    requests: await requests.read(),
  });
  const before = await look();
  await sleep(watchedSeconds * 1000);
  const after = await look();
  const seconds = (after.at - before.at) / 1000;
  return {
    processor: ((after.processor - before.processor) / seconds) * 100,
    requests: (after.requests - before.requests) / seconds,
  };
}

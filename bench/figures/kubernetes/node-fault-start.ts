import type { InjectionSpec, InjectionStatus } from '../../../src/domain/injection/records.ts';
import type { Figure } from '../../harness/figure.ts';
import { openBenchCluster } from '../../cluster/bench-cluster.ts';
import { startCallers } from '../../cluster/callers.ts';
import { isVerified, startClusterRun } from '../../cluster/cluster-run.ts';
import type { Asked, ClusterRun } from '../../cluster/cluster-run.ts';
import { latencyOn } from '../../cluster/latency.ts';
import { nodeAgentsGone } from '../../cluster/node-agents.ts';

/** The delay itself is in these times: the fault is verified by a round trip that bears it. */
export const nodeFaultStart: Figure<
  'agentThere' | 'takenUp' | 'armed' | 'active' | 'verified' | 'agentNotThere' | 'takenUpByNewAgent'
> = {
  name: 'node-fault-start',
  summary: 'network-latency of 100 ms on one pod, released beforehand: from before its record is written to verified',
  platform: 'kubernetes',
  trials: 20,
  rows: {
    agentThere: { summary: "the run's agent is on the node already", unit: 'ms', goal: { median: 250 } },
    takenUp: { summary: 'of that: from before it is written until the agent takes it up', unit: 'ms' },
    armed: { summary: 'of that: the agent takes it up → armed', unit: 'ms' },
    active: { summary: 'of that: armed → in effect', unit: 'ms' },
    verified: { summary: 'of that: in effect → a slow round trip was seen', unit: 'ms' },
    agentNotThere: { summary: 'the agent has yet to be made; its image is there', unit: 'ms', goal: { median: 800 } },
    takenUpByNewAgent: { summary: 'of that: from before it is written until the new agent takes it up', unit: 'ms' },
  },
  async open() {
    await using parts = new AsyncDisposableStack();
    const cluster = parts.use(await openBenchCluster('start'));
    const { links } = await startCallers(cluster, { count: 2, node: 'w2' });
    const [kept, target] = links as [(typeof links)[0], (typeof links)[0]];
    const run = parts.use(await startClusterRun(cluster, { released: 1 }));
    // Never released: it keeps the agent there.
    const keeper = run.specs([{ ...latencyOn(kept), stage: 1000 }]);
    await run.write(keeper);
    await run.when('the keeper armed', keeper, ({ phase }) => phase === 'armed');
    const owned = parts.move();
    return {
      async run() {
        const there = await timeOf(run, latencyOn(target));
        await run.withdraw(there.specs);
        await using other = await startClusterRun(cluster);
        // As the worker does: an agent that comes up injects by no permit that it found.
        const notThere = await timeOf(other, latencyOn(target), () => other.permit.release(1));
        await other.revert(notThere.specs);
        await nodeAgentsGone(cluster, other.runId);
        const [at, notThereAt] = [stampsOf(there.status), stampsOf(notThere.status)];
        return {
          agentThere: there.ms,
          takenUp: at.arming - there.from,
          armed: at.armed - at.arming,
          active: at.active - at.armed,
          verified: at.verified - at.active,
          agentNotThere: notThere.ms,
          takenUpByNewAgent: notThereAt.arming - notThere.from,
        };
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  },
};

interface Timed {
  readonly specs: readonly InjectionSpec[];
  readonly status: InjectionStatus;
  /** Unix ms, before the record was written. */
  readonly from: number;
  /** Until it was seen verified. */
  readonly ms: number;
}

async function timeOf(run: ClusterRun, asked: Asked, release?: () => Promise<void>): Promise<Timed> {
  const specs = run.specs([asked]);
  const from = Date.now();
  const began = performance.now();
  await run.write(specs);
  if (release !== undefined) {
    await run.when('the fault armed', specs, ({ phase }) => phase === 'armed');
    await release();
  }
  const statuses = await run.when('the fault', specs, isVerified);
  return { specs, status: statuses[0]!, from, ms: performance.now() - began };
}

/** Unix ms. The lab's workers share this machine's clock. */
function stampsOf({ armingAt, armedAt, activeAt, verifiedAt }: InjectionStatus) {
  const [arming, armed, active, verified] = [armingAt, armedAt, activeAt, verifiedAt].map((at) => Date.parse(at ?? '')) as [
    number,
    number,
    number,
    number,
  ];
  return { arming, armed, active, verified };
}

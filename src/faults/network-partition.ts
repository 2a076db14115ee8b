import { z } from 'zod';
import { AppError, isAppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { Evidence, Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { cutOf } from './shared/cut.ts';
import type { Cut } from './shared/cut.ts';
import { firstEnd, sayDestination } from './shared/destinations.ts';
import { direction, waysOf } from './shared/direction.ts';
import type { Direction } from './shared/direction.ts';
import { followingNames } from './shared/following-names.ts';
import { patienceMs, roundMs, sayMs } from './shared/link-looks.ts';
import type { PodEngine } from './shared/pod-engine.ts';
import { choosePodState, podPackets, podState } from './shared/pod-state.ts';
import type { PodPackets, PodState } from './shared/pod-state.ts';
import { endProber, keepProber } from './shared/prober.ts';
import { connectMs, lookForSilence } from './shared/silence.ts';

const params = z.strictObject({
  direction: direction.default('both').describe('what the pod sends there is lost, or all that comes from there, or both'),
  engine: z
    .enum(['auto', 'nft', 'netem'])
    .default('auto')
    .describe('what loses the packets: rules, or a queue of the kernel; auto: the first that can do it'),
});
type Params = z.infer<typeof params>;

type Undo = {
  readonly pod: PodState;
  readonly direction: Direction;
  /** Quickest connection before anything was changed; null where no destination is a single TCP end. */
  readonly baselineMs: number | null;
};

const undo: z.ZodType<Undo> = z.object({
  pod: podState,
  direction,
  baselineMs: z.number().nullable(),
});

const orders: Readonly<Record<Params['engine'], readonly PodEngine[]>> = {
  auto: ['drop', 'netem'],
  nft: ['drop'],
  netem: ['netem'],
};

const partition: Fault<Params, Undo> = {
  name: 'network-partition',
  summary: 'Cuts a pod off from the far end of a link: packets are lost, in one direction or both',
  effect: 'held',
  lifetime: 'netns',
  // Rules and relays end with their agent; a queue of the kernel stays until somebody takes it away.
  lifetimeFor: ({ pod }) => (pod.engine === 'netem' ? 'netns' : 'process'),
  targets: ['link'],
  agents: ['node'],
  params,
  undo,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { direction, engine }) {
    const pod = await choosePodState(context, target, orders[engine], { parts: waysOf(direction) });
    const { packets, cut } = of(context, target, { pod, direction });
    await cut.check();
    const baselineMs = await connectMs(context, packets, patienceMs, 3);
    const end = firstEnd(packets.destinations);
    if (end !== null && baselineMs === null) {
      throw new AppError(
        'upstream/unreachable',
        `${packets.name}: nothing answers at ${end.host}:${end.port}, so a cut could not be measured. Check the far end`,
      );
    }
    return { pod, direction, baselineMs };
  },

  async arm(context, target, _params, undo) {
    const { packets, cut } = of(context, target, undo);
    await keepProber(context, packets.place);
    await cut.arm();
  },

  async inject(context, target, _params, undo) {
    context.signal.throwIfAborted();
    await of(context, target, undo).cut.on();
  },

  async verify(context, target, _params, undo) {
    const { packets, cut } = of(context, target, undo);
    const { on, data } = await cut.read();
    const where = packets.destinations.map(sayDestination).join(', ');
    if (!on) return evidence(false, `${packets.name}: no packet to ${where} is lost by us`, data);
    if (undo.baselineMs === null) return evidence(true, `${packets.name}: packets to ${where} are lost`, data);
    const { seen, summary, data: looked } = await lookForSilence(context, packets);
    const dropped = (await cut.read()).data;
    return evidence(seen, `${summary} from ${where}; was ${sayMs(undo.baselineMs)} before`, {
      ...looked,
      ...dropped,
      baselineMs: roundMs(undo.baselineMs),
      why: undo.pod.why,
    });
  },

  async revert(context, target, undo) {
    await of(context, target, undo).cut.off();
    await endProber(context);
  },

  async verifyReverted(context, target, undo) {
    const { packets, cut } = of(context, target, undo);
    try {
      const { left, data } = await cut.read();
      if (left !== null) return evidence(true, `${packets.name}: ${left} is still there`, data);
      const elapsedMs = await connectMs(context, packets, patienceMs);
      const before = `was ${sayMs(undo.baselineMs)} before`;
      return evidence(false, `nothing of ours loses packets; a connection took ${sayMs(elapsedMs)}, ${before}`, {
        ...data,
        elapsedMs: roundMs(elapsedMs),
        baselineMs: roundMs(undo.baselineMs),
      });
    } catch (error) {
      if (!isAppError(error) || error.code !== 'target/none') throw error;
      return evidence(false, 'the pod is gone, and its network with all that was in it', {});
    }
  },
};

export const networkPartition = followingNames(partition, (context, target, _params, undo) => {
  const { packets, cut } = of(context, target, undo);
  return { link: packets, cover: (gained) => cut.cover(gained) };
});

function of(
  context: FaultContext,
  target: TargetRef,
  { pod, direction }: Pick<Undo, 'pod' | 'direction'>,
): { readonly packets: PodPackets; readonly cut: Cut } {
  const packets = podPackets(context, target, pod);
  return { packets, cut: cutOf(context, pod.engine, packets, direction) };
}

const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });

import { z } from 'zod';
import { isAppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { milliseconds, percent } from '../quantities.ts';
import type { Evidence, Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { lookForLoss, losesPackets } from './shared/loss-looks.ts';
import type { Netem } from './shared/netem-commands.ts';
import { NetemQueue, netemCounts, sayQdiscs } from './shared/netem-queue.ts';
import { choosePodState, podPackets, podState } from './shared/pod-state.ts';
import type { PodPackets, PodState } from './shared/pod-state.ts';
import { endProber, keepProber } from './shared/prober.ts';

const share = percent.refine((ratio) => ratio >= 0.001, { message: 'must be from 0.1% to 100%' }).exactOptional();

const params = z
  .strictObject({
    loss: share.describe('of the packets are lost, such as 10%'),
    corruption: share.describe('of the packets come with one bit changed'),
    duplication: share.describe('of the packets come twice'),
    reordering: share.describe('of the packets overtake those before them, which wait for delay'),
    correlation: percent.exactOptional().describe("how much each packet's fate is like that of the one before it"),
    delay: milliseconds(1, 60_000).exactOptional().describe('with reordering: how long those wait that are overtaken'),
  })
  .superRefine(({ loss, corruption, duplication, reordering, delay }, context) => {
    const message = problem([loss, corruption, duplication, reordering], reordering, delay);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .transform(({ delay, ...shares }): Netem => ({ ...shares, ...(delay === undefined ? {} : { delayMs: delay }) }));
type Params = z.infer<typeof params>;

function problem(shares: readonly (number | undefined)[], reordering?: number, delay?: number): string | null {
  if (shares.every((one) => one === undefined)) return 'give at least one of loss, corruption, duplication and reordering';
  return (reordering === undefined) === (delay === undefined) ? null : 'reordering and delay go together';
}

type Undo = { readonly pod: PodState; readonly netem: Params };

const undo: z.ZodType<Undo> = z.object({
  pod: podState,
  netem: z.custom<Params>((value) => typeof value === 'object' && value !== null),
});

export const networkLoss: Fault<Params, Undo> = {
  name: 'network-loss',
  summary: 'Loses, corrupts, duplicates or reorders packets that a pod sends over a link',
  effect: 'held',
  lifetime: 'netns',
  targets: ['link'],
  agents: ['node'],
  params,
  undo,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, netem) {
    const parts = Object.keys(netem).filter((name) => name !== 'delayMs');
    const pod = await choosePodState(context, target, ['netem'], { parts });
    of(context, target, pod).queue.assertFree();
    return { pod, netem };
  },

  async arm(context, target, _netem, { pod }) {
    const { packets, queue } = of(context, target, pod);
    await keepProber(context, packets.place);
    await queue.do('arm', {});
  },

  async inject(context, target, netem, { pod }) {
    context.signal.throwIfAborted();
    await of(context, target, pod).queue.do('add', netem);
  },

  /** What no connection shows, a packet come twice or late, is read from the kernel: that it is told to, and is given packets. */
  async verify(context, target, netem, { pod }) {
    const { packets, queue } = of(context, target, pod);
    if (netemCounts(await queue.read()) === null) {
      return evidence(false, `${packets.name}: the kernel loses no packets for us`, { engine: pod.engine });
    }
    const look = await lookForLoss(context, packets);
    const counts = netemCounts(await queue.read());
    const passed = (counts?.packets ?? 0) + (counts?.dropped ?? 0) > 0;
    const felt = look === null || !losesPackets(netem) || look.seen || (counts?.dropped ?? 0) > 0;
    return evidence(
      passed && felt,
      `${look === null ? '' : `${look.summary}; `}the kernel was given ${(counts?.packets ?? 0) + (counts?.dropped ?? 0)} packets and lost ${counts?.dropped ?? 0}`,
      { engine: pod.engine, why: pod.why, ...look?.data, packets: counts?.packets ?? null, dropped: counts?.dropped ?? null },
    );
  },

  async revert(context, target, { pod }) {
    await of(context, target, pod).queue.remove();
    await endProber(context);
  },

  async verifyReverted(context, target, { pod, netem }) {
    const { packets, queue } = of(context, target, pod);
    try {
      const left = await queue.read();
      if (left.length > 0) return evidence(true, `${packets.name}: ${sayQdiscs(left)} is still there`, { engine: pod.engine });
      const look = losesPackets(netem) ? await lookForLoss(context, packets) : null;
      const restored = await queue.isRestored();
      return evidence(
        false,
        `the pod's queues are ${restored ? '' : 'not '}as they were${look === null ? '' : `; ${look.summary}`}`,
        { engine: pod.engine, restored, ...look?.data },
      );
    } catch (error) {
      if (!isAppError(error) || error.code !== 'target/none') throw error;
      return evidence(false, 'the pod is gone, and its network with all that was in it', { engine: pod.engine });
    }
  },
};

function of(
  context: FaultContext,
  target: TargetRef,
  pod: PodState,
): { readonly packets: PodPackets; readonly queue: NetemQueue } {
  const packets = podPackets(context, target, pod);
  return { packets, queue: new NetemQueue(context.injectionId, packets) };
}

const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });

import { z } from 'zod';
import { isAppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { milliseconds, percent } from '../quantities.ts';
import type { Evidence, Fault, FaultContext } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { direction, waysOf } from './shared/direction.ts';
import type { Direction } from './shared/direction.ts';
import { followingNames } from './shared/following-names.ts';
import { lookForLoss, losesPackets, openSideBySide, sayOpened } from './shared/loss-looks.ts';
import type { Netem } from './shared/netem-commands.ts';
import { NetemQueue, sayQdiscs } from './shared/netem-queue.ts';
import { choosePodState, podPackets, podState } from './shared/pod-state.ts';
import type { PodPackets, PodState } from './shared/pod-state.ts';
import { endProber, keepProber } from './shared/prober.ts';

const share = percent.refine((ratio) => ratio >= 0.001, { message: 'must be from 0.1% to 100%' }).exactOptional();

const fields = z.strictObject({
  loss: share.describe('of the packets are lost, such as 10%'),
  corruption: share.describe('of the packets come with one bit changed'),
  duplication: share.describe('of the packets come twice'),
  reordering: share.describe('of the packets overtake those before them, which wait for delay'),
  correlation: percent.exactOptional().describe("how much each packet's fate is like that of the one before it"),
  delay: milliseconds(1, 60_000).exactOptional().describe('with reordering: how long those wait that are overtaken'),
  direction: direction
    .default('egress')
    .describe('what the pod sends over the link, or what comes from there, or both; corruption knows only egress'),
});

const params = fields
  .superRefine((given, context) => {
    const message = problem(given);
    if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .transform(({ delay, direction, ...shares }) => {
    const netem: Netem = { ...shares, ...(delay === undefined ? {} : { delayMs: delay }) };
    return { netem, direction };
  });
type Params = z.infer<typeof params>;

function problem({ loss, corruption, duplication, reordering, delay, direction }: z.infer<typeof fields>): string | null {
  const shares = [loss, corruption, duplication, reordering];
  if (shares.every((one) => one === undefined)) return 'give at least one of loss, corruption, duplication and reordering';
  // It would not be lost but believed, and what a program made of it would outlive the fault.
  if (corruption !== undefined && direction !== 'egress') {
    return 'corruption goes with direction egress: what comes in may have been checked before, and nobody would see that it is wrong';
  }
  return (reordering === undefined) === (delay === undefined) ? null : 'reordering and delay go together';
}

type Undo = { readonly pod: PodState; readonly netem: Netem; readonly direction: Direction };

const undo: z.ZodType<Undo> = z.object({
  pod: podState,
  netem: z.custom<Netem>((value) => typeof value === 'object' && value !== null),
  // The first versions knew no other.
  direction: direction.default('egress'),
});

const loss: Fault<Params, Undo> = {
  name: 'network-loss',
  summary: 'Loses, corrupts, duplicates or reorders packets that a pod sends over a link, or that come from there',
  effect: 'held',
  lifetime: 'netns',
  targets: ['link'],
  agents: ['node'],
  params,
  undo,

  claims: (target) => [claimOf(target)],

  async prepare(context, target, { netem, direction }) {
    const parts = [...Object.keys(netem).filter((name) => name !== 'delayMs'), ...waysOf(direction)];
    const pod = await choosePodState(context, target, ['netem'], { parts });
    of(context, target, { pod, direction }).queue.assertFree();
    return { pod, netem, direction };
  },

  async arm(context, target, _params, undo) {
    const { packets, queue } = of(context, target, undo);
    await keepProber(context, packets.place);
    await queue.do('arm', {});
  },

  async inject(context, target, { netem }, undo) {
    context.signal.throwIfAborted();
    await of(context, target, undo).queue.do('add', netem);
  },

  /** What no connection shows, a packet come twice or late, is read from the kernel: that it is told to, and is given packets. */
  async verify(context, target, { netem }, undo) {
    const { packets, queue } = of(context, target, undo);
    const { pod } = undo;
    const { accounts: before } = await queue.read();
    if (before === null) return evidence(false, `${packets.name}: the kernel loses no packets for us`, { engine: pod.engine });
    const opened = await openSideBySide(context, packets);
    const { accounts: after } = await queue.read();
    const { seen, summary, data } = lookForLoss(packets.name, netem, { before, opened, after });
    return evidence(seen, summary, { engine: pod.engine, why: pod.why, ...data });
  },

  /** Who measures stays for the look after it, unless there is nothing left to look at. */
  async revert(context, target, undo) {
    if (!(await of(context, target, undo).queue.remove())) await endProber(context);
  },

  async verifyReverted(context, target, undo) {
    const { pod, netem } = undo;
    const { packets, queue } = of(context, target, undo);
    try {
      const { ours, restored } = await queue.read();
      if (ours.length > 0) return evidence(true, `${packets.name}: ${sayQdiscs(ours)} is still there`, { engine: pod.engine });
      const opened = losesPackets(netem) ? await openSideBySide(context, packets) : null;
      await endProber(context);
      return evidence(
        false,
        `the pod's queues are ${restored ? '' : 'not '}as they were${opened === null ? '' : `; ${sayOpened(opened)}`}`,
        { engine: pod.engine, restored, ...opened },
      );
    } catch (error) {
      if (!isAppError(error) || error.code !== 'target/none') throw error;
      await endProber(context);
      return evidence(false, 'the pod is gone, and its network with all that was in it', { engine: pod.engine });
    }
  },
};

export const networkLoss = followingNames(loss, (context, target, _params, undo) => {
  const { packets, queue } = of(context, target, undo);
  return { link: packets, cover: (gained) => queue.cover(gained) };
});

function of(
  context: FaultContext,
  target: TargetRef,
  { pod, direction }: Pick<Undo, 'pod' | 'direction'>,
): { readonly packets: PodPackets; readonly queue: NetemQueue } {
  const packets = podPackets(context, target, pod);
  return { packets, queue: new NetemQueue(context.injectionId, { ...packets, direction }) };
}

const evidence = (present: boolean, summary: string, data: Evidence['data']): Evidence => ({ present, summary, data });

import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import { clusterOf } from './cluster-tools.ts';
import type { Evidence, Fault, FaultContext, HelperProcess } from './fault.ts';
import { claimOf } from './shared/claim.ts';
import { askOutcome, askStanding, predictionOf, refuseStops, startObserver } from './shared/kafka.ts';
import type { Outcome, Standing } from './shared/kafka.ts';
import { killMode, killPod } from './shared/pod-deletion.ts';
import { amongSiblings, isReady, plannedPod, podOf, podsOf, seeEnd } from './shared/pods.ts';
import type { Pod, PodAmongSiblings } from './shared/pods.ts';

const params = z.strictObject({
  mode: killMode,
  port: z.int().min(1).max(65_535).default(9092).describe('where Kafka listens in the pod, without TLS'),
  belowMinInSync: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('whether partitions may be left with fewer replicas in sync than they must have, so that writes stop'),
});
type Params = z.infer<typeof params>;

type Undo = PodAmongSiblings & {
  readonly port: number;
  readonly expected: Outcome;
  readonly underReplicatedBefore: number;
  /** Once the others have been seen without it: ms since the kill, and how many partitions were under their minimum then. */
  readonly left: { readonly afterMs: number; readonly underMinInSync: number } | null;
};

/** Asks another broker, each second until the killed one has left. Lost with the agent: then its leaving is not seen. */
const observers = new Map<string, { readonly helper: HelperProcess; killedAt: number | null }>();

export const kafkaBrokerKill: Fault<Params, Undo> = {
  name: 'kafka-broker-kill',
  summary: 'Deletes a pod that is a broker of Kafka, once it is known what that does to each partition',
  // Seen when the pod ends, and not over before the broker is in sync again: an event would be over at once.
  effect: 'pulsed',
  lifetime: 'persistent',
  targets: ['pod'],
  agents: ['cluster'],
  needs: [{ group: '', resource: 'pods', verbs: ['get', 'list', 'delete'], scope: 'namespace' }],
  params,

  // Of a namespace, one at a time: what is predicted of one broker is wrong where another is killed beside it.
  claims: (target) => [claimOf(target), `kafka:${podOf(target).namespace}`],

  // They ask Kafka, in a process of its own.
  patienceMs: (operation) => (['prepare', 'arm', 'inject', 'verify-reverted'].includes(operation) ? 20_000 : 0),

  async prepare(context, target, { port, belowMinInSync }) {
    const cluster = clusterOf(context);
    const among = await amongSiblings(cluster, target);
    const observer = await startObserver(context, await plannedPod(cluster, target), port);
    try {
      const expected = await askOutcome(observer);
      if (expected.inSync === 0) {
        throw new AppError(
          'target/none',
          `pod ${target.service}/${target.name} is broker ${expected.broker}, which is in sync with no partition: its loss would show nothing. Name another`,
        );
      }
      refuseStops(target, expected, belowMinInSync);
      const { underReplicated } = await askStanding(observer, expected.broker);
      return { ...among, port, expected, underReplicatedBefore: underReplicated, left: null };
    } finally {
      await observer.stop();
    }
  },

  async arm(context, _target, { port }, { uid, group }) {
    const others = (await podsOf(clusterOf(context), group)).filter((pod) => pod.metadata.uid !== uid && isReady(pod));
    const [other] = others;
    if (other === undefined || observers.has(context.injectionId)) return;
    observers.set(context.injectionId, { helper: await startObserver(context, other, port), killedAt: null });
  },

  async inject(context, target, { mode, belowMinInSync }, { uid, expected }) {
    const observer = observers.get(context.injectionId);
    // Another one may have fallen behind since.
    if (observer !== undefined) refuseStops(target, await askOutcome(observer.helper, expected.broker), belowMinInSync);
    await killPod(context, target, uid, mode);
    if (observer !== undefined) observer.killedAt = performance.now();
  },

  async verify(context, target, _params, undo) {
    const { present, summary, data } = await seeEnd(context, target, undo);
    return {
      present,
      summary: `${summary}. Predicted: ${predictionOf(undo.expected)}`,
      data: { ...data, expected: undo.expected },
    };
  },

  async hold(context, _target, _params, { expected, left }) {
    const observer = observers.get(context.injectionId);
    if (observer?.killedAt == null || left !== null) return;
    // What cannot be asked now may be asked a second later.
    const seen = await askStanding(observer.helper, expected.broker).catch(() => null);
    if (seen === null || seen.inSync > 0) return;
    const afterMs = Math.round(performance.now() - observer.killedAt);
    await context.journal({ left: { afterMs, underMinInSync: seen.underMinInSync } });
    await endObserver(context);
  },

  revert: (context) => endObserver(context),

  async verifyReverted(context, target, undo) {
    const pod = await clusterOf(context).get<Pod>(podOf(target));
    if (pod?.metadata.uid === undo.uid && pod.metadata.deletionTimestamp === undefined) {
      return { present: false, summary: `pod ${target.name} runs on, it was not killed`, data: {} };
    }
    if (pod === null || !isReady(pod)) return { present: true, summary: `pod ${target.name} is not ready again`, data: {} };
    const observer = await startObserver(context, pod, undo.port);
    try {
      return returned(target, undo, await askStanding(observer, undo.expected.broker));
    } finally {
      await observer.stop();
    }
  },
};

async function endObserver({ injectionId }: FaultContext): Promise<void> {
  const observer = observers.get(injectionId);
  observers.delete(injectionId);
  await observer?.helper.stop();
}

/** Gone: the broker itself says that it and all others are in sync, but for what was missing before. */
function returned({ name }: TargetRef, { expected, underReplicatedBefore, left }: Undo, now: Standing): Evidence {
  const { registered, inSync, partitions, underReplicated } = now;
  const whole = registered && inSync === partitions && underReplicated <= underReplicatedBefore;
  const leaving =
    left === null
      ? 'that the others were without it was not seen'
      : `the others were without it ${(left.afterMs / 1000).toFixed(1)} s after the kill, ${left.underMinInSync} partitions under their in-sync minimum`;
  return {
    present: !whole,
    summary: `broker ${expected.broker} (${name}) is ${registered ? 'registered' : 'not registered'}, in sync with ${inSync} of its ${partitions} partitions; ${underReplicated} partitions are under-replicated; ${leaving}`,
    data: { ...now, expected, left },
  };
}

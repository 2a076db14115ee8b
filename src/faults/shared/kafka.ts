import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext, HelperProcess } from '../fault.ts';
import { addressOf } from './pods.ts';
import type { Pod } from './pods.ts';

const named = z.object({ count: z.number(), first: z.array(z.string()) });
type Named = z.infer<typeof named>;

const outcome = z.object({
  broker: z.number(),
  partitions: z.number(),
  replicationFactor: z.number(),
  inSync: z.number(),
  changeLeader: named,
  stopWrites: named,
  goOffline: named,
});
/** What the loss of a broker does, by what Kafka says before it. Counts are of partitions. */
export type Outcome = z.infer<typeof outcome>;

const standing = z.object({
  registered: z.boolean(),
  partitions: z.number(),
  inSync: z.number(),
  underReplicated: z.number(),
  underMinInSync: z.number(),
});
/** How a broker and its cluster stand. Counts are of partitions: the broker's own, and those of all of Kafka that lack somebody. */
export type Standing = z.infer<typeof standing>;

/** A process of our own that asks the broker in that pod. Errors: `upstream/refused`, `target/none` for a pod without an address. */
export function startObserver(context: FaultContext, pod: Pod, port: number): Promise<HelperProcess> {
  return context.host.startHelper('kafka-observer', { host: addressOf(pod), port });
}

/** Of the broker that is asked where none is named. */
export async function askOutcome(observer: HelperProcess, broker: number | null = null): Promise<Outcome> {
  return outcome.parse(await observer.ask({ op: 'outcome', broker }, 10_000));
}

export async function askStanding(observer: HelperProcess, broker: number): Promise<Standing> {
  return standing.parse(await observer.ask({ op: 'standing', broker }, 10_000));
}

/** What will be, in words. */
export function predictionOf({ broker, inSync, replicationFactor, changeLeader, stopWrites, goOffline }: Outcome): string {
  const writes =
    stopWrites.count + goOffline.count === 0
      ? 'writes with acks=all go on'
      : [
          ...(stopWrites.count === 0 ? [] : [`writes with acks=all stop for ${listed(stopWrites)}, under the in-sync minimum`]),
          ...(goOffline.count === 0 ? [] : [`${listed(goOffline)} can be neither written nor read`]),
        ].join(', ');
  return (
    `without broker ${broker}, in sync with ${counted(inSync)} of ${replicationFactor} replicas or more, ${writes}` +
    (changeLeader.count === 0 ? '' : `; ${listed(changeLeader)} must get another leader`)
  );
}

/** Errors: `policy/denied` for a loss that stops writes, unless that is asked for. */
export function refuseStops({ service, name }: TargetRef, expected: Outcome, belowMinInSync: 'refuse' | 'allow'): void {
  if (belowMinInSync === 'allow' || expected.stopWrites.count + expected.goOffline.count === 0) return;
  throw new AppError(
    'policy/denied',
    `pod ${service}/${name} is spared: ${predictionOf(expected)}. Wait until all replicas are in sync, or say belowMinInSync: allow`,
  );
}

const counted = (partitions: number): string => `${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`;

function listed({ count, first }: Named): string {
  return `${counted(count)} (${first.join(', ')}${count > first.length ? ', …' : ''})`;
}

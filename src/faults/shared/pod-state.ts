import { z } from 'zod';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { destination, endOf } from './destinations.ts';
import type { Destination } from './destinations.ts';
import { readPacketKernel } from './kernel.ts';
import { locate } from './locator.ts';
import { devicesTo, readQdiscs } from './netem-state.ts';
import type { Device } from './netem-state.ts';
import { chooseEngine } from './pod-engine.ts';
import type { Needs, PodEngine } from './pod-engine.ts';
import { PodNetwork } from './pod-network.ts';

/** As a cluster's planner writes it: from one pod, to one service's addresses. */
const locator = z.object({
  podUid: z.string().min(1),
  destinations: z.array(destination).min(1),
  /** Left alone where a range covers them: the agent, the API server, the resolvers. */
  excluded: z.array(destination).default([]),
});

/** What was found and chosen before anything was touched; kept in undo. */
export type PodState = {
  readonly engine: PodEngine;
  readonly why: string;
  /** Which network it was: another one is another pod's. */
  readonly netns: string;
  /** Of netem only. */
  readonly devices: readonly Device[];
};

/** Where a fault on a pod's packets is put. */
export interface PodPackets {
  readonly place: PodNetwork;
  /** For people. */
  readonly name: string;
  readonly destinations: readonly Destination[];
  readonly excluded: readonly Destination[];
  readonly devices: readonly Device[];
}

export const isOfPod = (target: TargetRef): boolean => 'podUid' in target.locator;

/** Errors: `policy/denied` where no engine of `order` can do it, `target/none`. */
export async function choosePodState(
  context: FaultContext,
  target: TargetRef,
  order: readonly PodEngine[],
  needs: Omit<Needs, 'onlyEnds'>,
): Promise<PodState> {
  const { destinations } = locate(locator, target);
  const network = new PodNetwork(context, target, null);
  const [{ netns }, kernel] = await Promise.all([network.process(), readPacketKernel(context)]);
  const onlyEnds = destinations.every((one) => endOf(one) !== null);
  const { engine, why } = chooseEngine(order, { ...needs, onlyEnds }, kernel, nameOf(target));
  const names = engine === 'netem' ? await devicesTo(network, destinations) : [];
  const devices = await Promise.all(names.map(async (name) => ({ name, before: await readQdiscs(network, name) })));
  return { engine, why, netns, devices };
}

export function podPackets(context: FaultContext, target: TargetRef, { netns, devices }: PodState): PodPackets {
  const { destinations, excluded } = locate(locator, target);
  return { place: new PodNetwork(context, target, netns), name: nameOf(target), destinations, excluded, devices };
}

const nameOf = ({ service, name }: TargetRef): string => `link ${service}/${name}`;

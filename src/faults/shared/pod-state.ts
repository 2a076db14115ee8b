import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Json } from '../../domain/json.ts';
import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { destination, endOf, isFarEnd } from './destinations.ts';
import type { Destination } from './destinations.ts';
import { asNamesSay } from './followed-names.ts';
import type { NamedLink } from './followed-names.ts';
import { readPacketKernel } from './kernel.ts';
import { locate } from './locator.ts';
import { devicesTo, readDevice } from './netem-state.ts';
import type { Device } from './netem-state.ts';
import { chooseEngine } from './pod-engine.ts';
import type { Needs, PodEngine } from './pod-engine.ts';
import { PodNetwork } from './pod-network.ts';
import { resolveNames } from './pod-resolver.ts';
import type { LinkNames } from './pod-resolver.ts';

/** As a cluster's planner writes it: from one pod, to one service's addresses. */
const locator = z.object({
  podUid: z.string().min(1),
  destinations: z.array(destination),
  /** Left alone where a range covers them, and never taken in when a name says them later: the API server, the resolvers. */
  excluded: z.array(destination).default([]),
  /** Names, which are resolved where the pod is: hosts have no destinations yet, a headless Service may have others later. */
  leads: z
    .object({
      hosts: z.array(z.string()).default([]),
      ports: z.array(z.int()).default([]),
      namespace: z.string().default(''),
      service: z.string().default(''),
      headless: z.boolean().default(false),
    })
    .prefault({}),
});
type Locator = z.infer<typeof locator>;

/** What was found and chosen before anything was touched; kept in undo. */
export type PodState = {
  readonly engine: PodEngine;
  readonly why: string;
  /** Which network it was: another one is another pod's. */
  readonly netns: string;
  readonly destinations: readonly Destination[];
  /** Of netem only. */
  readonly devices: readonly Device[];
};

/** As undo keeps it. The first version had the destinations in the target alone. */
export const podState: z.ZodType<PodState> = z.object({
  engine: z.enum(['netem', 'redirect', 'drop']),
  why: z.string(),
  netns: z.string().min(1),
  destinations: z.array(destination).default([]),
  devices: z.array(
    z.object({
      name: z.string().min(1),
      before: z.custom<Json>((value) => value !== undefined),
      txQueueLength: z.number().exactOptional(),
    }),
  ),
});

/** Where a fault on a pod's packets is put. */
export interface PodPackets extends NamedLink {
  /** For people. */
  readonly name: string;
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
  const network = new PodNetwork(context, target, null);
  const [{ netns }, kernel] = await Promise.all([network.process(), readPacketKernel(context)]);
  const destinations = await destinationsOf(context, network, locate(locator, target), nameOf(target));
  const onlyEnds = destinations.every((one) => endOf(one) !== null);
  const { engine, why } = await chooseEngine(order, { ...needs, onlyEnds }, kernel, nameOf(target));
  const names = engine === 'netem' ? await devicesTo(network, destinations) : [];
  const devices = await Promise.all(names.map((name) => readDevice(network, name)));
  return { engine, why, netns, destinations, devices };
}

/** Those of the plan, or the addresses that its hosts have now, as the pod's own resolver says. Errors: `target/none`. */
async function destinationsOf(
  context: FaultContext,
  network: PodNetwork,
  { destinations, leads }: Locator,
  name: string,
): Promise<readonly Destination[]> {
  if (destinations.length > 0) return destinations;
  const names = leads.hosts.length === 0 ? [] : (await resolveNames(context, network, namesOf(leads))).names;
  const addresses = [...new Set(names.flatMap((one) => one.addresses))].filter(isFarEnd);
  if (addresses.length === 0) {
    throw new AppError(
      'target/none',
      `${name} leads nowhere: ${leads.hosts.join(', ') || 'no host'} has no IPv4 address of a far end for the pod. Correct the link in the environment file`,
    );
  }
  const ports = leads.ports.length === 0 ? [null] : leads.ports;
  return addresses.flatMap((address) => ports.map((port) => ({ address, port, protocol: 'tcp' as const })));
}

export function podPackets(context: FaultContext, target: TargetRef, { netns, destinations, devices }: PodState): PodPackets {
  const { excluded, destinations: planned, leads } = locate(locator, target);
  const kept = destinations.length > 0 ? destinations : planned;
  return {
    place: new PodNetwork(context, target, netns),
    name: nameOf(target),
    destinations: asNamesSay(context.injectionId, kept),
    // Who names one of them means it.
    excluded: kept.some(({ address }) => address.includes('/')) ? excluded : [],
    guarded: excluded.map(({ address }) => address),
    names: namesOf(leads),
    devices,
  };
}

const namesOf = ({ hosts, headless, service, namespace }: Locator['leads']): LinkNames => ({
  hosts,
  service: headless ? `${service}.${namespace}` : null,
});

const nameOf = ({ service, name }: TargetRef): string => `link ${service}/${name}`;

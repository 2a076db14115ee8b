import type { TargetRef } from '../../domain/plan/plan.ts';
import type { FaultContext } from '../fault.ts';
import { endsOf } from './destinations.ts';
import type { Direction } from './direction.ts';
import type { Link, PodLink } from './link.ts';
import { NetemLink } from './netem-link.ts';
import { podPackets } from './pod-state.ts';
import type { PodState } from './pod-state.ts';
import { RedirectedLink, redirectOnHost } from './redirected-link.ts';
import { RelayLink } from './relay-link.ts';

/** Of a pod's link: what was chosen, and which of its packets are meant. */
export interface LinkChoice {
  readonly pod?: PodState;
  readonly direction: Direction;
}

/**
 * The way into a link. On a host as its environment declares: addresses are redirected, anything else is a relay that the caller
 * calls. In a pod as it was chosen before.
 */
export function linkOf(context: FaultContext, target: TargetRef, { pod, direction }: LinkChoice): Link {
  if (pod !== undefined) return podLink(context, target, pod, direction);
  return 'addresses' in target.locator
    ? new RedirectedLink(context, redirectOnHost(context, target))
    : new RelayLink(context, target);
}

export function podLink(context: FaultContext, target: TargetRef, pod: PodState, direction: Direction): PodLink {
  const { place, name, destinations, excluded, devices } = podPackets(context, target, pod);
  return pod.engine === 'netem'
    ? new NetemLink(context, { place, name, destinations, excluded, devices, direction })
    : new RedirectedLink(context, { place, name, addresses: endsOf(destinations), caller: 'anyone', denied: [] });
}

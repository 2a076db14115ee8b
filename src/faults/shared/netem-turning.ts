import type { Destination } from './destinations.ts';
import { handleText, matchOf } from './netem-commands.ts';

/**
 * What comes to a pod passes no queue that netem could be in. It is turned into a device of ours (`ifb`), whose queue has it, and
 * comes back from there as if it had just come in.
 */
export interface TurningPlace {
  /** The pod's. */
  readonly device: string;
  /** Which one of the injection's devices it is. */
  readonly at: number;
  /** As `handleOf` gives it. */
  readonly handle: number;
  readonly sources: readonly Destination[];
  /** Packets from these are left alone, though they are among the sources. */
  readonly excluded: readonly Destination[];
}

/** No longer than the 15 letters that the kernel takes. */
export const turningDevice = (handle: number): string => `firedrill-${handle.toString(16)}`;

/** All that is in there was turned: the rest is the kernel's own, which is not IPv4. */
export const allTurned: Destination = { address: '0.0.0.0/0', port: null, protocol: 'tcp' };

/** An `ingress` qdisc has no handle of its own: whose it is, is said by the block of its filters. */
export const blockOf = (handle: number, at: number): number => handle * 0x1_00 + at;

/** Up from the start: one that is not loses what is turned into it, and `tc qdisc show` does not tell of it. */
export const makeTurningDevice = (handle: number): string => `link add dev ${turningDevice(handle)} up type ifb`;
/** Its queue goes with it, and the packets that wait there are lost. */
export const deleteTurningDevice = (handle: number): string => `link del dev ${turningDevice(handle)}`;

/**
 * As tc reads them. `arm` sorts into a chain that no packet comes to, `add` leads them there in one step, `cover` sorts more of
 * them. `remove` may not go on past what is refused: where there is no block of ours, the `ingress` is somebody else's.
 */
export function turningCommandsFor(step: 'arm' | 'add' | 'cover' | 'remove', place: TurningPlace): string[] {
  const { device, at, handle, sources, excluded } = place;
  const block = blockOf(handle, at);
  const filter = `filter add block ${block}`;
  const sort = (one: Destination, rank: number, to: string): string =>
    `${filter} chain 1 protocol ip prio ${rank} u32 ${matchOf(one, 'src')} ${to}`;
  switch (step) {
    case 'arm':
      return [
        `qdisc add dev ${device} ingress_block ${block} ingress`,
        ...excluded.map((one) => sort(one, 1, `flowid ${handleText(handle)}1`)),
        ...turningCommandsFor('cover', place),
      ];
    case 'cover':
      return sources.map((one) => sort(one, 2, `action mirred egress redirect dev ${turningDevice(handle)}`));
    case 'add':
      return [`${filter} protocol ip prio 3 u32 match u32 0 0 action goto chain 1`];
    case 'remove':
      return [`filter del block ${block}`, `qdisc del dev ${device} ingress`];
  }
}

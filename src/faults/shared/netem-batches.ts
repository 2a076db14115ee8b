import { wholeHosts } from './destinations.ts';
import type { Destination } from './destinations.ts';
import { waysOf } from './direction.ts';
import type { Direction } from './direction.ts';
import { commandsFor } from './netem-commands.ts';
import type { Netem, NetemStep } from './netem-commands.ts';
import { losesLength } from './netem-state.ts';
import type { Device } from './netem-state.ts';
import { allTurned, deleteTurningDevice, makeTurningDevice, turningCommandsFor, turningDevice } from './netem-turning.ts';

/** All that a step needs of one program is one process. */
export const batchPrograms = {
  tc: ['tc', '-batch', '-'],
  /** It and `ipAll` go on past what is refused. */
  tcAll: ['tc', '-force', '-batch', '-'],
  ip: ['ip', '-batch', '-'],
  ipAll: ['ip', '-force', '-batch', '-'],
  show: ['tc', '-j', '-s', '-batch', '-'],
  showLinks: ['ip', '-j', '-batch', '-'],
} as const;

/** What one process is told. */
export interface Batch {
  readonly program: keyof typeof batchPrograms;
  readonly lines: readonly string[];
}

/** Which packets netem is for, and how it is known as ours. */
export interface Sorting {
  /** As `handleOf` gives it. */
  readonly handle: number;
  readonly direction: Direction;
  /** Of the pod. */
  readonly devices: readonly Device[];
  readonly destinations: readonly Destination[];
  readonly excluded: readonly Destination[];
  /** All that comes from their addresses is meant, by whatever port. */
  readonly anySourcePort: boolean;
}

/** Of one step, one after the other. As many and of the same programs, whatever is sorted: their processes are started before. */
export function batchesFor(step: NetemStep, sorting: Sorting, netem: Netem): Batch[] {
  const { handle, direction, devices, destinations, excluded, anySourcePort } = sorting;
  const ways = waysOf(direction);
  // Whoever is excluded is so whatever the port, as by rules.
  const turned = ways.includes('ingress')
    ? devices.map(({ name }, at) => ({
        device: name,
        at,
        handle,
        sources: anySourcePort ? wholeHosts(destinations) : destinations,
        excluded: wholeHosts(excluded),
      }))
    : [];
  const turning = turned.length > 0 ? [{ device: turningDevice(handle), handle, destinations: [allTurned], excluded: [] }] : [];
  const leaving = ways.includes('egress') ? devices.map(({ name }) => ({ device: name, handle, destinations, excluded })) : [];
  const queue = (places: typeof leaving): string[] => places.flatMap((place) => commandsFor(step, place, netem));
  const turns = turned.map((place) => turningCommandsFor(step, place));
  // Last: what is turned into a device that is gone is lost.
  const links = [
    ...turning.map(() => deleteTurningDevice(handle)),
    ...devices.filter(losesLength).map(({ name }) => `link set dev ${name} txqueuelen 0`),
  ];
  switch (step) {
    case 'arm':
      return [
        ...turning.map((): Batch => ({ program: 'ip', lines: [makeTurningDevice(handle)] })),
        { program: 'tc', lines: [...queue(leaving), ...queue(turning), ...turns.flat()] },
      ];
    case 'add':
      // What is turned is turned into a queue that does already what was asked.
      return [{ program: 'tc', lines: [...queue(leaving), ...queue(turning), ...turns.flat()] }];
    case 'cover':
      return [{ program: 'tc', lines: [...queue(leaving), ...turns.flat()] }];
    case 'remove':
      return [
        ...(leaving.length > 0 ? [{ program: 'tcAll' as const, lines: queue(leaving) }] : []),
        ...turns.map((lines): Batch => ({ program: 'tc', lines })),
        ...(links.length > 0 ? [{ program: 'ipAll' as const, lines: links }] : []),
      ];
  }
}

import { wholeHosts } from './destinations.ts';
import type { Destination } from './destinations.ts';
import { waysOf } from './direction.ts';
import type { Direction } from './direction.ts';
import { commandsFor } from './netem-commands.ts';
import type { Netem, NetemStep } from './netem-commands.ts';
import { allTurned, deleteTurningDevice, makeTurningDevice, turningCommandsFor, turningDevice } from './netem-turning.ts';

/** All that a step needs of one program is one process. */
export const batchPrograms = {
  tc: ['tc', '-batch', '-'],
  /** It goes on past what is refused. */
  tcAll: ['tc', '-force', '-batch', '-'],
  ip: ['ip', '-batch', '-'],
  show: ['tc', '-j', '-s', '-batch', '-'],
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
  readonly devices: readonly string[];
  readonly destinations: readonly Destination[];
  readonly excluded: readonly Destination[];
  /** All that comes from their addresses is meant, by whatever port. */
  readonly anySourcePort: boolean;
}

/** Of one step, one after the other. As many and of the same programs, whatever is sorted: their processes are started before. */
export function batchesFor(step: NetemStep, sorting: Sorting, netem: Netem): Batch[] {
  const { handle, direction, devices, destinations, excluded, anySourcePort } = sorting;
  const ways = waysOf(direction);
  const turned = ways.includes('ingress')
    ? devices.map((device, at) => ({
        device,
        at,
        handle,
        sources: anySourcePort ? wholeHosts(destinations) : destinations,
        excluded: wholeHosts(excluded),
      }))
    : [];
  const turning = turned.length > 0 ? [{ device: turningDevice(handle), handle, destinations: [allTurned], excluded: [] }] : [];
  const leaving = ways.includes('egress') ? devices.map((device) => ({ device, handle, destinations, excluded })) : [];
  const queue = (places: typeof leaving): string[] => places.flatMap((place) => commandsFor(step, place, netem));
  const turns = turned.map((place) => turningCommandsFor(step, place));
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
        // The device last: what is turned into one that is gone is lost.
        ...turns.map((lines): Batch => ({ program: 'tc', lines })),
        ...turning.map((): Batch => ({ program: 'ip', lines: [deleteTurningDevice(handle)] })),
      ];
  }
}

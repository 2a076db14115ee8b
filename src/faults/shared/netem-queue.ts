import { AppError, isAppError } from '../../domain/errors.ts';
import type { Destination } from './destinations.ts';
import { commandsFor, handleOf, handleText } from './netem-commands.ts';
import type { Netem } from './netem-commands.ts';
import { countQdiscs, foreignRoot, readQdiscs } from './netem-state.ts';
import type { Device, Qdisc } from './netem-state.ts';
import type { NetworkPlace } from './network-place.ts';

/** What netem acts on, and where. */
export interface NetemTarget {
  readonly place: NetworkPlace;
  /** For people. */
  readonly name: string;
  readonly destinations: readonly Destination[];
  readonly excluded: readonly Destination[];
  readonly devices: readonly Device[];
}

/** Of one command: it takes some 10 ms, and now and then seconds on a node that is overloaded. */
const commandMs = 4000;

/** The queue of an injection where packets leave a pod. It has no time of its own: it lasts until it is taken away. */
export class NetemQueue {
  readonly #target: NetemTarget;
  readonly #handle: number;

  constructor(injectionId: string, target: NetemTarget) {
    this.#target = target;
    this.#handle = handleOf(injectionId);
  }

  /** Of what its devices had before it. Errors: `claim/taken` where somebody has a queue there already. */
  assertFree(): void {
    const { name, devices } = this.#target;
    for (const device of devices) {
      const root = foreignRoot(device.before);
      if (root === null) continue;
      throw new AppError(
        'claim/taken',
        `${name}: ${device.name} already has a ${root.kind} (${root.handle}) that the kernel did not put there. Wait for who did, or take it away`,
      );
    }
  }

  /** `arm` changes nothing for any packet. Errors: `fault/inject-failed`, with what the kernel says. */
  async do(step: 'arm' | 'add', netem: Netem): Promise<void> {
    for (const argv of this.#commands(step, netem)) {
      const { code, stderr, timedOut } = await this.#target.place.run(argv, { timeoutMs: commandMs });
      if (code === 0) continue;
      const why = timedOut ? `it did not end within ${commandMs} ms` : stderr.trim();
      throw new AppError('fault/inject-failed', `${this.#target.name}: "${argv.join(' ')}" failed: ${why}`);
    }
  }

  /**
   * What is not there any more needs no removing: whether something is left is read back. Errors: `fault/revert-failed` when the
   * kernel did not answer. False when the pod is gone, and its network with it.
   */
  async remove(): Promise<boolean> {
    for (const argv of this.#commands('remove', {})) {
      try {
        const { timedOut } = await this.#target.place.run(argv, { timeoutMs: commandMs });
        if (!timedOut) continue;
      } catch (error) {
        if (isAppError(error) && error.code === 'target/none') return false;
        throw error;
      }
      throw new AppError('fault/revert-failed', `${this.#target.name}: "${argv.join(' ')}" did not end within ${commandMs} ms`);
    }
    return true;
  }

  /** What of ours is on any device. */
  async read(): Promise<readonly Qdisc[]> {
    const { place, devices } = this.#target;
    const all = await Promise.all(devices.map(({ name }) => countQdiscs(place, name)));
    const ours = [handleText(this.#handle), handleText(this.#handle + 1)];
    return all.flat().filter(({ handle }) => ours.includes(handle));
  }

  /** Whether every device has, word for word, what it had before us. */
  async isRestored(): Promise<boolean> {
    const { place, devices } = this.#target;
    const now = await Promise.all(devices.map(({ name }) => readQdiscs(place, name)));
    return devices.every(({ before }, index) => JSON.stringify(now[index]) === JSON.stringify(before));
  }

  #commands(step: 'arm' | 'add' | 'remove', netem: Netem): string[][] {
    const { destinations, excluded, devices } = this.#target;
    const handle = this.#handle;
    return devices.flatMap(({ name }) => commandsFor(step, { device: name, handle, destinations, excluded }, netem));
  }
}

/** What netem has been given and has lost, summed over the devices; null where it is not on. */
export function netemCounts(ours: readonly Qdisc[]): { readonly packets: number; readonly dropped: number } | null {
  const netems = ours.filter(({ kind }) => kind === 'netem');
  if (netems.length === 0) return null;
  return {
    packets: netems.reduce((sum, { packets }) => sum + packets, 0),
    dropped: netems.reduce((sum, { drops }) => sum + drops, 0),
  };
}

export const sayQdiscs = (ours: readonly Qdisc[]): string => ours.map(({ kind, handle }) => `${kind} ${handle}`).join(' and ');

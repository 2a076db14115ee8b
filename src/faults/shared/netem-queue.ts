import { AppError, isAppError } from '../../domain/errors.ts';
import type { CommandResult } from '../fault.ts';
import type { Destination } from './destinations.ts';
import { waysOf } from './direction.ts';
import type { Direction, Way } from './direction.ts';
import { netemAccount } from './netem-account.ts';
import type { NetemAccount } from './netem-account.ts';
import { batchesFor, batchPrograms } from './netem-batches.ts';
import type { Batch } from './netem-batches.ts';
import { handleOf, handleText } from './netem-commands.ts';
import type { Netem, NetemStep } from './netem-commands.ts';
import { devicesTo, foreignQdisc, isAsBefore, linksAsBefore, queuesFrom, showLinks, showQueues } from './netem-state.ts';
import type { Device, Qdisc } from './netem-state.ts';
import { blockOf, turningDevice } from './netem-turning.ts';
import type { PodNetwork } from './pod-network.ts';
import { readyCommand } from './ready-command.ts';
import type { ReadyCommand } from './ready-command.ts';

/** What netem acts on, and where. */
export interface NetemTarget {
  readonly place: PodNetwork;
  /** For people. */
  readonly name: string;
  readonly destinations: readonly Destination[];
  readonly excluded: readonly Destination[];
  readonly devices: readonly Device[];
  readonly direction: Direction;
  /** Of what comes in: all from the destinations' addresses is meant, by whatever port. */
  readonly anySourcePort?: boolean;
}

/** What is there of an injection's queue. */
export interface QueueReading {
  readonly ours: readonly Qdisc[];
  /** One for each way that is asked for; null where netem is not on, or not on each of them. */
  readonly accounts: readonly NetemAccount[] | null;
  /** Whether every device has, word for word, the queues that it had before us, and their length, and there is none of ours. */
  readonly restored: boolean;
}

/** Of one process: it takes some 10 ms, and now and then seconds on a node that is overloaded. */
const options = { timeoutMs: 4000, maxOutputBytes: 2 ** 20 };

/** Of what is armed: on a slow node the start of a process is most of what it takes. */
interface Ready {
  readonly add: readonly ReadyCommand[];
  readonly remove: readonly ReadyCommand[];
  /** For the look after it. */
  readonly show: readonly ReadyCommand[];
}
const waiting = new Map<string, Partial<Ready>>();

/** The queue of an injection where packets leave a pod or come to it. It has no time of its own: it lasts until it is taken away. */
export class NetemQueue {
  readonly #target: NetemTarget;
  readonly #id: string;
  readonly #handle: number;
  readonly #ways: readonly Way[];

  constructor(injectionId: string, target: NetemTarget) {
    this.#target = target;
    this.#id = injectionId;
    this.#handle = handleOf(injectionId);
    this.#ways = waysOf(target.direction);
  }

  /** Of what its devices had before it. Errors: `claim/taken` where somebody has a queue there already. */
  assertFree(): void {
    const { name, devices } = this.#target;
    for (const device of devices) {
      const taken = this.#ways.map((way) => foreignQdisc(device.before, way)).find((one) => one !== null);
      if (taken === undefined) continue;
      throw new AppError(
        'claim/taken',
        `${name}: ${device.name} already has a ${taken.kind} (${taken.handle}) that the kernel did not put there. Wait for who did, or take it away`,
      );
    }
  }

  /** `arm` changes nothing for any packet. Errors: `fault/inject-failed`, with what the kernel says. */
  async do(step: 'arm' | 'add', netem: Netem): Promise<void> {
    if (step === 'arm') this.#makeReady();
    await this.#change(this.#batches(step, netem), step === 'add' ? this.#take('add') : []);
  }

  /** More destinations, for the queue as it is; once it is gone, the kernel refuses. Errors: as `do`. */
  async cover(gained: readonly Destination[]): Promise<void> {
    const { place, name, devices } = this.#target;
    const ways = await devicesTo(place, gained);
    const other = ways.find((way) => devices.every((device) => device.name !== way));
    if (other !== undefined)
      throw new AppError('fault/inject-failed', `${name}: it leaves by ${other}, where nothing of ours is`);
    await this.#change(this.#batches('cover', {}, gained));
  }

  async #change(batches: readonly Batch[], ready: readonly ReadyCommand[] = []): Promise<void> {
    for (const [at, batch] of batches.entries()) {
      const { code, stderr, timedOut } = await this.#run(batch, ready[at]);
      if (code === 0) continue;
      const failed = batch.lines[Number(/Command failed -:(\d+)/.exec(stderr)?.[1] ?? 1) - 1];
      const why = timedOut ? `it did not end within ${options.timeoutMs} ms` : stderr.trim();
      const [program] = batchPrograms[batch.program];
      throw new AppError('fault/inject-failed', `${this.#target.name}: "${program} ${failed}" failed: ${why}`);
    }
  }

  /**
   * What is not there any more needs no removing: whether something is left is read back. Errors: `fault/revert-failed` when the
   * kernel did not answer. False when the pod is gone, and its network with it.
   */
  async remove(): Promise<boolean> {
    drop(this.#take('add'));
    const ready = this.#take('remove');
    for (const [at, batch] of this.#batches('remove', {}).entries()) {
      try {
        const { timedOut } = await this.#run(batch, ready[at]);
        if (!timedOut) continue;
      } catch (error) {
        drop(ready);
        if (!isAppError(error) || error.code !== 'target/none') throw error;
        drop(this.#take('show'));
        return false;
      }
      drop(ready);
      const [program] = batchPrograms[batch.program];
      throw new AppError(
        'fault/revert-failed',
        `${this.#target.name}: "${program} ${batch.lines.join('; ')}" did not end within ${options.timeoutMs} ms`,
      );
    }
    return true;
  }

  /** What of ours is on any device, and whether anything is otherwise than before. Errors: `target/none`, `upstream/refused`. */
  async read(): Promise<QueueReading> {
    const isRemoved = waiting.get(this.#id)?.remove === undefined;
    const [ready, readyForLinks] = isRemoved ? this.#take('show') : [];
    try {
      const { isAsBefore, ...reading } = await this.#readQueues(ready);
      return { ...reading, restored: isAsBefore && (await this.#linksAsBefore(readyForLinks)) };
    } finally {
      readyForLinks?.drop();
    }
  }

  async #readQueues(ready?: ReadyCommand): Promise<Omit<QueueReading, 'restored'> & { readonly isAsBefore: boolean }> {
    const { name, devices } = this.#target;
    const queuesOf = queuesFrom(await this.#run({ program: 'show', lines: [showQueues] }, ready), name);
    const handles = [handleText(this.#handle), handleText(this.#handle + 1)];
    const leaving = devices.flatMap((device) => queuesOf(device.name).qdiscs.filter(({ handle }) => handles.includes(handle)));
    const turns = devices.flatMap((device, at) =>
      queuesOf(device.name).qdiscs.filter((one) => one.ingress_block === blockOf(this.#handle, at)),
    );
    const turning = queuesOf(turningDevice(this.#handle)).qdiscs;
    // Where nothing is turned, nothing comes to the device that it would be turned into.
    const coming = turns.length === devices.length ? turning : [];
    const accounts = this.#ways.map((way) => netemAccount(way === 'egress' ? leaving : coming));
    const ours = [...leaving, ...turns, ...turning];
    return {
      ours,
      accounts: accounts.every((one) => one !== null) ? accounts : null,
      isAsBefore: ours.length === 0 && devices.every((device) => isAsBefore(device, queuesOf(device.name))),
    };
  }

  async #linksAsBefore(ready?: ReadyCommand): Promise<boolean> {
    const { name, devices } = this.#target;
    const shown = await this.#run({ program: 'showLinks', lines: [showLinks] }, ready);
    return linksAsBefore(shown, name, devices, turningDevice(this.#handle));
  }

  #makeReady(): void {
    if (waiting.has(this.#id)) return;
    const ready = (batches: readonly Pick<Batch, 'program'>[]): ReadyCommand[] =>
      batches.map(({ program }) => readyCommand(this.#target.place, batchPrograms[program], options));
    waiting.set(this.#id, {
      add: ready(this.#batches('add', {})),
      remove: ready(this.#batches('remove', {})),
      show: ready([{ program: 'show' }, { program: 'showLinks' }]),
    });
  }

  #take(name: keyof Ready): readonly ReadyCommand[] {
    const { [name]: taken = [], ...left } = waiting.get(this.#id) ?? {};
    if (Object.keys(left).length === 0) waiting.delete(this.#id);
    else waiting.set(this.#id, left);
    return taken;
  }

  /** By the process that waits for it, or by one of its own. Errors: `target/none`, also where a process outlives the pod there. */
  async #run({ program, lines }: Batch, ready?: ReadyCommand): Promise<CommandResult> {
    const { place } = this.#target;
    const input = lines.map((line) => `${line}\n`).join('');
    try {
      await place.process();
    } catch (error) {
      ready?.drop();
      throw error;
    }
    const own = (): Promise<CommandResult> => place.run(batchPrograms[program], { ...options, input: Promise.resolve(input) });
    return (await ready?.run(input)) ?? own();
  }

  #batches(step: NetemStep, netem: Netem, destinations = this.#target.destinations): Batch[] {
    const { excluded, devices, direction, anySourcePort = false } = this.#target;
    const sorting = { handle: this.#handle, direction, devices, destinations, excluded, anySourcePort };
    return batchesFor(step, sorting, netem);
  }
}

/** They end, and have done nothing. One that has had its input has ended already. */
const drop = (ready: readonly ReadyCommand[]): void => ready.forEach((one) => one.drop());

export const sayQdiscs = (ours: readonly Qdisc[]): string =>
  ours.map(({ kind, handle, dev }) => `${kind} ${handle} on ${dev}`).join(' and ');

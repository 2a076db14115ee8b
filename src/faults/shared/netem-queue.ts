import { AppError, isAppError } from '../../domain/errors.ts';
import type { CommandResult } from '../fault.ts';
import type { Destination } from './destinations.ts';
import { commandsFor, handleOf, handleText } from './netem-commands.ts';
import type { Netem, NetemStep } from './netem-commands.ts';
import { devicesTo, foreignRoot, isAsBefore, queuesFrom, showQueues } from './netem-state.ts';
import type { Device, Qdisc } from './netem-state.ts';
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
}

/** What is there of an injection's queue. */
export interface QueueReading {
  readonly ours: readonly Qdisc[];
  /** Whether every device has, word for word, what it had before us. */
  readonly restored: boolean;
}

/** All that a step needs is one process. Taking away goes on past what is not there. */
const programs = {
  change: ['tc', '-batch', '-'],
  remove: ['tc', '-force', '-batch', '-'],
  show: ['tc', '-j', '-s', '-batch', '-'],
} as const;

/** Of one process: it takes some 10 ms, and now and then seconds on a node that is overloaded. */
const options = { timeoutMs: 4000, maxOutputBytes: 2 ** 20 };

/** Of what is armed: on a slow node the start of a process is most of what it takes. */
interface Ready {
  readonly add: ReadyCommand;
  readonly remove: ReadyCommand;
  /** For the look after it. */
  readonly show: ReadyCommand;
}
const waiting = new Map<string, Partial<Ready>>();

/** The queue of an injection where packets leave a pod. It has no time of its own: it lasts until it is taken away. */
export class NetemQueue {
  readonly #target: NetemTarget;
  readonly #id: string;
  readonly #handle: number;

  constructor(injectionId: string, target: NetemTarget) {
    this.#target = target;
    this.#id = injectionId;
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
    if (step === 'arm') this.#makeReady();
    await this.#change(this.#lines(step, netem), step === 'add' ? this.#take('add') : undefined);
  }

  /** More destinations, for the queue as it is; once it is gone, the kernel refuses. Errors: as `do`. */
  async cover(gained: readonly Destination[]): Promise<void> {
    const { place, name, devices } = this.#target;
    const ways = await devicesTo(place, gained);
    const other = ways.find((way) => devices.every((device) => device.name !== way));
    if (other !== undefined)
      throw new AppError('fault/inject-failed', `${name}: it leaves by ${other}, where nothing of ours is`);
    await this.#change(this.#lines('cover', {}, gained));
  }

  async #change(lines: readonly string[], ready?: ReadyCommand): Promise<void> {
    const { code, stderr, timedOut } = await this.#tc('change', lines, ready);
    if (code === 0) return;
    const failed = lines[Number(/Command failed -:(\d+)/.exec(stderr)?.[1] ?? 1) - 1];
    const why = timedOut ? `it did not end within ${options.timeoutMs} ms` : stderr.trim();
    throw new AppError('fault/inject-failed', `${this.#target.name}: "tc ${failed}" failed: ${why}`);
  }

  /**
   * What is not there any more needs no removing: whether something is left is read back. Errors: `fault/revert-failed` when the
   * kernel did not answer. False when the pod is gone, and its network with it.
   */
  async remove(): Promise<boolean> {
    this.#take('add')?.drop();
    const lines = this.#lines('remove', {});
    try {
      const { timedOut } = await this.#tc('remove', lines, this.#take('remove'));
      if (!timedOut) return true;
    } catch (error) {
      if (!isAppError(error) || error.code !== 'target/none') throw error;
      this.#take('show')?.drop();
      return false;
    }
    throw new AppError(
      'fault/revert-failed',
      `${this.#target.name}: "tc ${lines.join('; ')}" did not end within ${options.timeoutMs} ms`,
    );
  }

  /** What of ours is on any device, and whether anything is otherwise than before. Errors: `target/none`, `upstream/refused`. */
  async read(): Promise<QueueReading> {
    const { name, devices } = this.#target;
    const isRemoved = waiting.get(this.#id)?.remove === undefined;
    const shown = await this.#tc('show', showQueues(devices), isRemoved ? this.#take('show') : undefined);
    const found = queuesFrom(shown, devices, name);
    const handles = [handleText(this.#handle), handleText(this.#handle + 1)];
    return {
      ours: found.flatMap(({ qdiscs }) => qdiscs).filter(({ handle }) => handles.includes(handle)),
      restored: found.every((queues, at) => isAsBefore(devices[at]!, queues)),
    };
  }

  #makeReady(): void {
    if (waiting.has(this.#id)) return;
    const ready = (program: keyof typeof programs): ReadyCommand => readyCommand(this.#target.place, programs[program], options);
    waiting.set(this.#id, { add: ready('change'), remove: ready('remove'), show: ready('show') });
  }

  #take(name: keyof Ready): ReadyCommand | undefined {
    const { [name]: taken, ...left } = waiting.get(this.#id) ?? {};
    if (Object.keys(left).length === 0) waiting.delete(this.#id);
    else waiting.set(this.#id, left);
    return taken;
  }

  /** By the process that waits for it, or by one of its own. Errors: `target/none`, also where a process outlives the pod there. */
  async #tc(program: keyof typeof programs, lines: readonly string[], ready?: ReadyCommand): Promise<CommandResult> {
    const { place } = this.#target;
    const input = lines.map((line) => `${line}\n`).join('');
    try {
      await place.process();
    } catch (error) {
      ready?.drop();
      throw error;
    }
    return (await ready?.run(input)) ?? (await place.run(programs[program], { ...options, input: Promise.resolve(input) }));
  }

  #lines(step: NetemStep, netem: Netem, destinations = this.#target.destinations): string[] {
    const { excluded, devices } = this.#target;
    const handle = this.#handle;
    const commands = devices.flatMap(({ name }) => commandsFor(step, { device: name, handle, destinations, excluded }, netem));
    return commands.map(([, ...words]) => words.join(' '));
  }
}

export const sayQdiscs = (ours: readonly Qdisc[]): string => ours.map(({ kind, handle }) => `${kind} ${handle}`).join(' and ');

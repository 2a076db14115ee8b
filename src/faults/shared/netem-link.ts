import { AppError } from '../../domain/errors.ts';
import type { FaultContext } from '../fault.ts';
import { endsOf, firstEnd, sayDestination } from './destinations.ts';
import type { Destination } from './destinations.ts';
import type { Baseline, Inspection, Look, PodLink } from './link.ts';
import { patienceMs, roundMs, sayBefore, sayMs } from './link-looks.ts';
import { countOf } from './netem-account.ts';
import { lookForDelay } from './netem-looks.ts';
import { NetemQueue, sayQdiscs } from './netem-queue.ts';
import type { NetemTarget, QueueReading } from './netem-queue.ts';
import { resetOpenConnections } from './open-connections.ts';
import { endedWithPrepare, endProber, keepProber, measureFrom } from './prober.ts';
import type { ExistingConnections } from './relay-client.ts';
import type { Toxic } from './toxic-params.ts';

/** A link whose packets the kernel itself delays, where they leave the caller's pod or come to it. */
export class NetemLink implements PodLink {
  readonly engine = 'netem';
  readonly address: string;
  readonly #context: FaultContext;
  readonly #target: NetemTarget;
  readonly #queue: NetemQueue;
  /** A link is made for one operation, whose questions this answers: each reading is a process. */
  #reading: Promise<QueueReading> | null = null;

  constructor(context: FaultContext, target: NetemTarget) {
    this.address = target.destinations.map(sayDestination)[0] ?? '';
    this.#context = context;
    this.#target = target;
    this.#queue = new NetemQueue(context.injectionId, target);
  }

  async check(connections: ExistingConnections): Promise<void> {
    if (connections === 'keep') {
      throw new AppError(
        'policy/denied',
        `${this.#target.name} is delayed by the kernel, which tells no open connection from a new one. Write connections: slow, or reset`,
      );
    }
    this.#queue.assertFree();
  }

  async arm(): Promise<void> {
    await keepProber(this.#context, this.#target.place);
    await this.#queue.do('arm', {});
  }

  async holder(): Promise<string | null> {
    return (await this.#read()).accounts === null ? null : this.#context.injectionId;
  }

  async set(toxic: Toxic, connections: ExistingConnections): Promise<void> {
    await this.#queue.do('add', toxic);
    if (connections === 'reset') await this.#reset(this.#target.destinations);
  }

  async cover(gained: readonly Destination[], connections: ExistingConnections): Promise<void> {
    await this.#queue.cover(gained);
    if (connections === 'reset') await this.#reset(gained);
  }

  async #reset(destinations: readonly Destination[]): Promise<void> {
    const count = await resetOpenConnections(this.#context, this.#target.place, endsOf(destinations), 'anyone');
    this.#context.log('reset open connections of the pod', { count });
  }

  /** It has no time of its own to be kept alive for. */
  async refresh(): Promise<boolean> {
    return false;
  }

  /** Who measures stays for the look after it, unless there is nothing left to look at. */
  async clear(): Promise<void> {
    if (!(await this.#queue.remove())) await endProber(this.#context);
  }

  async baseline(path: string | null): Promise<Baseline> {
    if (firstEnd(this.#target.destinations) === null) return { measurable: false, ms: null };
    const ms = await endedWithPrepare(
      this.#context,
      () => endProber(this.#context),
      async () => {
        // By the process that arming needs too.
        await keepProber(this.#context, this.#target.place);
        return this.#measure(path, patienceMs, 3);
      },
    );
    if (ms === null) await endProber(this.#context);
    return { measurable: true, ms };
  }

  async look(toxic: Toxic, baselineMs: number | null, path: string | null): Promise<readonly Look[]> {
    const look = await lookForDelay(toxic, baselineMs, {
      name: this.#target.name,
      via: path === null ? 'connect' : 'http',
      before: (await this.#read()).accounts,
      measure: (timeoutMs) => this.#measure(path, timeoutMs),
      after: async () => (await this.#queue.read()).accounts,
    });
    return [look];
  }

  /** The far end may by now be slow for reasons of its own: that is told, and not judged. */
  async lookAfter(_toxic: Toxic, baselineMs: number | null, path: string | null): Promise<Look> {
    const elapsedMs = await this.#measure(path, patienceMs);
    const { restored } = await this.#read();
    await endProber(this.#context);
    return {
      seen: false,
      summary: `round trip ${sayMs(elapsedMs)}, ${sayBefore(baselineMs)}; the pod's queues are ${restored ? '' : 'not '}as they were`,
      data: { elapsedMs: roundMs(elapsedMs), baselineMs: roundMs(baselineMs), restored },
    };
  }

  async inspect(): Promise<Inspection> {
    const { ours, accounts } = await this.#read();
    return {
      inPath: accounts !== null,
      left: ours.length === 0 ? null : sayQdiscs(ours),
      data: { engine: this.engine, packets: countOf(accounts, 'packets'), dropped: countOf(accounts, 'dropped') },
    };
  }

  #read(): Promise<QueueReading> {
    return (this.#reading ??= this.#queue.read());
  }

  /** To the first destination that a connection can be opened to; null when nothing came back in time. */
  async #measure(path: string | null, timeoutMs: number, count = 1): Promise<number | null> {
    const { place, destinations } = this.#target;
    const end = firstEnd(destinations);
    return end === null ? null : measureFrom(this.#context, place, { ...end, path, timeoutMs, count });
  }
}

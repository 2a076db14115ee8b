import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { DelayedPipe, type Schedule } from './delayed-pipe.ts';
import { passageOf, pieceBytes, type HeldToxic, type Toxic } from './toxic.ts';
import { resetsNth } from './toxics/reset.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `slow`: the toxic acts on connections that are already open; `keep`: only on new ones; `reset`: open ones are reset first. */
export type ExistingConnections = 'slow' | 'keep' | 'reset';

/** One place where the relay listens, and where it leads. */
interface Entry {
  readonly upstreams: readonly Address[];
  readonly own: boolean;
  /** Of a narrow line, on the monotonic clock. */
  busyUntil: number;
  /** Connections that the present toxic has met here. */
  met: number;
}

interface Connection {
  readonly entry: Entry;
  readonly client: Socket;
  readonly upstream: Socket;
  readonly pipes: readonly DelayedPipe[];
  exempt: boolean;
}

/** A TCP pass-through, round robin over its upstreams, that can be made slow, narrow, broken or silent for a while. One toxic at a time. */
export class Relay {
  readonly #connections = new Set<Connection>();
  readonly #entries: Entry[] = [];
  readonly #servers: Server[] = [];
  readonly #resets = new Set<NodeJS.Timeout>();
  #next = 0;
  #accepted = 0;
  #held: HeldToxic | null = null;
  #expiry: NodeJS.Timeout | null = null;

  get held(): HeldToxic | null {
    if (this.#held !== null && this.#held.expiresAt <= performance.now()) this.#end();
    return this.#held;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Connections ever accepted from outside. */
  get acceptedCount(): number {
    return this.#accepted;
  }

  /** Accepts on `address` (port 0 picks one) and passes to `upstreams`; `own` connections are measurements of ours. The port. */
  async listen(address: Address, upstreams: readonly Address[], own = false): Promise<number> {
    const entry: Entry = { upstreams, own, busyUntil: 0, met: 0 };
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client, entry));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address.port, address.host, resolve);
    });
    this.#entries.push(entry);
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** False when another id holds the relay. */
  set(id: string, toxic: Toxic, ttlMs: number, existing: ExistingConnections): boolean {
    if (this.held !== null && this.held.id !== id) return false;
    for (const entry of this.#entries) Object.assign(entry, { busyUntil: 0, met: 0 });
    this.#hold({ id, toxic, expiresAt: performance.now() + ttlMs });
    for (const connection of this.#connections) {
      if (existing === 'keep') connection.exempt = true;
      if (existing === 'reset') reset(connection);
      if (existing === 'slow') this.#resetInTime(connection);
    }
    return true;
  }

  /** False when the toxic has ended or is another's: it is never brought back. */
  refresh(id: string, ttlMs: number): boolean {
    if (this.held === null || this.held.id !== id) return false;
    this.#hold({ ...this.held, expiresAt: performance.now() + ttlMs });
    return true;
  }

  /** True when it was there. */
  clear(id: string, existing: 'keep' | 'reset'): boolean {
    if (this.held === null || this.held.id !== id) return false;
    this.#end();
    if (existing === 'reset') for (const connection of this.#connections) reset(connection);
    return true;
  }

  /** From now on everything passes at once, whoever held a toxic. */
  endToxic(): void {
    if (this.held !== null) this.#end();
  }

  close(): void {
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections) reset(connection);
  }

  #hold(held: HeldToxic): void {
    this.#held = held;
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.held, held.expiresAt - performance.now() + 1);
  }

  #end(): void {
    this.#held = null;
    for (const timer of this.#resets) clearTimeout(timer);
    this.#resets.clear();
    for (const connection of this.#connections) {
      connection.exempt = false;
      for (const pipe of connection.pipes) pipe.flush();
    }
  }

  #accept(client: Socket, entry: Entry): void {
    client.on('error', () => {}); // 'close' follows and does the work
    if (!entry.own) this.#accepted += 1;
    // Each has an order of its own: of two at once, one could meet the same upstream twice and another never.
    const first = this.#next++ % entry.upstreams.length;
    this.#connect(client, entry, [...entry.upstreams.slice(first), ...entry.upstreams.slice(0, first)]);
  }

  /** An upstream that refuses is passed over once; when all refuse, so do we. */
  #connect(client: Socket, entry: Entry, [address, ...others]: readonly Address[]): void {
    if (address === undefined || client.destroyed) {
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection({ ...address, allowHalfOpen: true, noDelay: true });
    const passOver = (): void => {
      // Or whoever comes after one that refuses would have its turns besides its own.
      this.#next += 1;
      this.#connect(client, entry, others);
    };
    upstream.once('error', passOver);
    upstream.once('connect', () => {
      upstream.off('error', passOver);
      if (client.destroyed) return void upstream.destroy();
      this.#join(client, upstream, entry);
    });
  }

  #join(client: Socket, upstream: Socket, entry: Entry): void {
    const toxic = (): Toxic | null => (connection.exempt ? null : (this.held?.toxic ?? null));
    // Towards the far end only a black hole counts: a request and its answer take one delay, not two.
    const onTheWayThere = (): Toxic | null => (toxic()?.blackhole === true ? toxic() : null);
    const connection: Connection = {
      entry,
      client,
      upstream,
      exempt: false,
      pipes: [
        new DelayedPipe(client, upstream, scheduleOf(entry, onTheWayThere)),
        new DelayedPipe(upstream, client, scheduleOf(entry, toxic)),
      ],
    };
    this.#connections.add(connection);
    this.#resetInTime(connection);
    upstream.on('error', () => client.resetAndDestroy());
    client.once('close', () => {
      this.#connections.delete(connection);
      upstream.destroy();
    });
  }

  #resetInTime(connection: Connection): void {
    const { reset: share } = this.held?.toxic ?? {};
    if (share === undefined) return;
    connection.entry.met += 1;
    if (!resetsNth(connection.entry.met, share.ratio)) return;
    const timer = setTimeout(() => {
      this.#resets.delete(timer);
      reset(connection);
    }, share.afterMs);
    this.#resets.add(timer);
  }
}

function scheduleOf(entry: Entry, toxic: () => Toxic | null): Schedule {
  return {
    pieceBytes: () => pieceBytes(toxic()),
    passAt: (bytes, previous) => {
      const arrival = { now: performance.now(), previous, busyUntil: entry.busyUntil, bytes, random: Math.random() };
      const { at, busyUntil } = passageOf(toxic(), arrival);
      entry.busyUntil = busyUntil;
      return at;
    },
  };
}

function reset(connection: Connection): void {
  connection.client.resetAndDestroy();
  connection.upstream.resetAndDestroy();
}

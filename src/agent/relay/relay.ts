import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { DelayedPipe } from './delayed-pipe.ts';
import { passAt, type HeldToxic, type Toxic } from './toxic.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `slow`: the toxic acts on connections that are already open; `keep`: only on new ones; `reset`: open ones are reset first. */
export type ExistingConnections = 'slow' | 'keep' | 'reset';

interface Connection {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly pipes: readonly DelayedPipe[];
  exempt: boolean;
}

/** A TCP pass-through, round robin over its upstreams, that can be made slow for a while. One toxic at a time. */
export class Relay {
  readonly #upstreams: readonly Address[];
  readonly #connections = new Set<Connection>();
  readonly #servers: Server[] = [];
  #next = 0;
  #held: HeldToxic | null = null;
  #expiry: NodeJS.Timeout | null = null;

  constructor(upstreams: readonly Address[]) {
    this.#upstreams = upstreams;
  }

  get held(): HeldToxic | null {
    if (this.#held !== null && this.#held.expiresAt <= performance.now()) this.#end();
    return this.#held;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Accepts on `address` (port 0 picks one) and passes to `upstreams`, or to the relay's own when none are given. */
  async listen(address: Address, upstreams: readonly Address[] = this.#upstreams): Promise<number> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client, upstreams));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address.port, address.host, resolve);
    });
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** False when another id holds the relay. */
  set(id: string, toxic: Toxic, ttlMs: number, existing: ExistingConnections): boolean {
    if (this.held !== null && this.held.id !== id) return false;
    this.#hold({ id, toxic, expiresAt: performance.now() + ttlMs });
    for (const connection of this.#connections) {
      if (existing === 'keep') connection.exempt = true;
      if (existing === 'reset') reset(connection);
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
    for (const connection of this.#connections) {
      connection.exempt = false;
      for (const pipe of connection.pipes) pipe.flush();
    }
  }

  #accept(client: Socket, upstreams: readonly Address[]): void {
    client.on('error', () => {}); // 'close' follows and does the work
    if (this.held?.toxic.reset === true) {
      client.resetAndDestroy();
      return;
    }
    this.#connect(client, upstreams, upstreams.length);
  }

  /** An upstream that refuses is passed over once; when all refuse, so do we. */
  #connect(client: Socket, upstreams: readonly Address[], tries: number): void {
    const address = upstreams[this.#next++ % upstreams.length];
    if (address === undefined || tries === 0 || client.destroyed) {
      client.resetAndDestroy();
      return;
    }
    const upstream = createConnection({ ...address, allowHalfOpen: true, noDelay: true });
    const passOver = (): void => this.#connect(client, upstreams, tries - 1);
    upstream.once('error', passOver);
    upstream.once('connect', () => {
      upstream.off('error', passOver);
      this.#join(client, upstream);
    });
  }

  #join(client: Socket, upstream: Socket): void {
    const toxicFor = (): Toxic | null => (connection.exempt ? null : (this.held?.toxic ?? null));
    const holdsBack = (): Toxic | null => (toxicFor()?.blackhole === true ? toxicFor() : null);
    const connection: Connection = {
      client,
      upstream,
      exempt: false,
      pipes: [
        new DelayedPipe(client, upstream, (bytes, previous) => passAt(holdsBack(), performance.now(), previous, bytes, 0.5)),
        new DelayedPipe(upstream, client, (bytes, previous) =>
          passAt(toxicFor(), performance.now(), previous, bytes, Math.random()),
        ),
      ],
    };
    this.#connections.add(connection);
    upstream.on('error', () => client.resetAndDestroy());
    client.once('close', () => {
      this.#connections.delete(connection);
      upstream.destroy();
    });
  }
}

function reset(connection: Connection): void {
  connection.client.resetAndDestroy();
  connection.upstream.resetAndDestroy();
}

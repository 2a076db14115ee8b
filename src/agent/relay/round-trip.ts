import { createConnection, createServer, type AddressInfo, type Server } from 'node:net';
import type { Address, Relay } from './relay.ts';

/** What to send through the relay to its own echo. */
export interface EchoQuestion {
  readonly timeoutMs: number;
  /** Sent at once on each connection. */
  readonly bytes: number;
  /** Opened side by side. */
  readonly connections: number;
  /** Each connection stays open for at least this long, to be seen reset. */
  readonly stayMs: number;
}

export interface EchoAnswer {
  /** From sending to having all of it back, on the quickest connection; null when none had it back in time. */
  readonly elapsedMs: number | null;
  readonly resets: number;
}

/** Measures the relay itself: real connections through its pipes to an echo of our own, for links that speak no HTTP. */
export class RoundTrip {
  readonly #echo: Server;
  readonly #entry: Address;

  private constructor(echo: Server, entry: Address) {
    this.#echo = echo;
    this.#entry = entry;
  }

  static async through(relay: Relay): Promise<RoundTrip> {
    const echo = createServer((socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const { port } = echo.address() as AddressInfo;
    const entry = await relay.listen({ host: '127.0.0.1', port: 0 }, [{ host: '127.0.0.1', port }], true);
    return new RoundTrip(echo, { host: '127.0.0.1', port: entry });
  }

  async measure(question: EchoQuestion): Promise<EchoAnswer> {
    const answers = await Promise.all(Array.from({ length: question.connections }, () => this.#one(question)));
    const times = answers.flatMap(({ elapsedMs }) => (elapsedMs === null ? [] : [elapsedMs]));
    return {
      elapsedMs: times.length === 0 ? null : Math.min(...times),
      resets: answers.filter(({ wasReset }) => wasReset).length,
    };
  }

  #one({ timeoutMs, bytes, stayMs }: EchoQuestion): Promise<{ elapsedMs: number | null; wasReset: boolean }> {
    return new Promise((resolve) => {
      const socket = createConnection({ ...this.#entry, noDelay: true });
      const startedAt = performance.now();
      let elapsedMs: number | null = null;
      let missing = bytes;
      let sentAt = startedAt;
      let staying: NodeJS.Timeout | null = null;
      const finish = (wasReset: boolean): void => {
        clearTimeout(timer);
        if (staying !== null) clearTimeout(staying);
        socket.destroy();
        resolve({ elapsedMs, wasReset });
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      socket.once('error', ({ code }: NodeJS.ErrnoException) => finish(code === 'ECONNRESET' || code === 'EPIPE'));
      socket.once('close', () => finish(false));
      socket.once('connect', () => {
        sentAt = performance.now();
        socket.write(Buffer.alloc(bytes));
      });
      socket.on('data', (chunk) => {
        missing -= chunk.length;
        if (missing > 0) return;
        elapsedMs = performance.now() - sentAt;
        staying = setTimeout(() => finish(false), Math.max(0, startedAt + stayMs - performance.now()));
      });
    });
  }

  close(): void {
    this.#echo.close();
  }
}

import { createConnection, createServer, type AddressInfo, type Server } from 'node:net';
import type { Address, Relay } from './relay.ts';

/** Measures the relay itself: a real connection through its pipes to an echo of our own, for links that speak no HTTP. */
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
    const entry = await relay.listen({ host: '127.0.0.1', port: 0 }, [{ host: '127.0.0.1', port }]);
    return new RoundTrip(echo, { host: '127.0.0.1', port: entry });
  }

  /** Milliseconds from sending one byte to having it back; null when nothing came back in time. */
  measure(timeoutMs: number): Promise<number | null> {
    return new Promise((resolve) => {
      const socket = createConnection({ ...this.#entry, noDelay: true });
      const finish = (elapsedMs: number | null): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(elapsedMs);
      };
      const timer = setTimeout(() => finish(null), timeoutMs);
      let sentAt = 0;
      socket.once('error', () => finish(null));
      socket.once('close', () => finish(null));
      socket.once('connect', () => {
        sentAt = performance.now();
        socket.write('x');
      });
      socket.once('data', () => finish(performance.now() - sentAt));
    });
  }

  close(): void {
    this.#echo.close();
  }
}

import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the shop says of its queue: one gauge as it should be, nothing, no number, or two where one is needed. */
export type Queue = 'one' | 'none' | 'NaN' | 'two';

/** A small service with metrics that can go wrong. It lives in the test's own process. */
export interface Shop {
  readonly port: number;
  /** `shop_queue` from the next scrape on. */
  say(queue: Queue): void;
  /** `shop_stamped` carries its own time stamps: frozen, its newest sample only grows older, and nothing marks it as gone. */
  freezeStamp(frozen: boolean): void;
  close(): Promise<void>;
}

/** `shop_broken` is 1 while `brokenFile` exists: the fault that users, alerts and probes see. */
export async function openShop(brokenFile: string): Promise<Shop> {
  let queue: Queue = 'one';
  let frozenAt: number | null = null;
  const gauges: Readonly<Record<Queue, readonly string[]>> = {
    one: ['shop_queue 1'],
    none: [],
    NaN: ['shop_queue NaN'],
    two: ['shop_queue{desk="a"} 1', 'shop_queue{desk="b"} 2'],
  };
  const metrics = (): string[] => [
    ...gauges[queue],
    `shop_stamped 1 ${frozenAt ?? Date.now()}`,
    'shop_desks{desk="a"} 1',
    `shop_broken ${existsSync(brokenFile) ? 1 : 0}`,
  ];
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(request.url === '/metrics' ? `${metrics().join('\n')}\n` : 'ok\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    say: (next) => (queue = next),
    freezeStamp: (frozen) => (frozenAt = frozen ? Date.now() : null),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

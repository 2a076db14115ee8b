import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsEndpoint extends AsyncDisposable {
  readonly address: string;
}

/**
 * Serves gauges to a Prometheus. `render` is asked at each scrape; `onServed` is told, in unix ms, when the answer had left:
 * from then on a query can see what it said.
 */
export async function startMetricsEndpoint(
  render: () => string,
  onServed: (text: string, at: number) => void = () => {},
): Promise<MetricsEndpoint> {
  const server = createServer((_request, response) => {
    const text = render();
    response.once('finish', () => onServed(text, Date.now()));
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

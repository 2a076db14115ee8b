import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MetricsPage {
  /** HOST:PORT */
  readonly address: string;
  close(): Promise<void>;
}

/** A real page of metrics; `write` is given the seconds since it was opened, so that counters can grow. */
export async function openMetricsPage(write: (seconds: number) => string): Promise<MetricsPage> {
  const opened = performance.now();
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(write((performance.now() - opened) / 1000));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Counted {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Each second. */
  readonly rate: number;
}

export function counters(all: readonly Counted[], seconds: number): string {
  const page = all.map(({ name, labels = {}, rate }) => {
    const inner = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return `${name}{${inner.join(',')}} ${Math.floor(rate * seconds)}\n`;
  });
  return page.join('');
}

/** Classic buckets and their count; `share` is what lies at or below each bound. */
export function buckets(
  name: string,
  labels: Readonly<Record<string, string>>,
  rate: number,
  share: Readonly<Record<string, number>>,
): Counted[] {
  const below = Object.entries({ ...share, '+Inf': 1 });
  return [
    ...below.map(([le, part]) => ({ name: `${name}_bucket`, labels: { ...labels, le }, rate: rate * part })),
    { name: `${name}_count`, labels, rate },
  ];
}

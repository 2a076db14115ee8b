import { z } from 'zod';
import type { HostPort } from './addresses.ts';

/** Where a caller's packets go: an IPv4 address or range, and a port where only one is meant. */
export const destination = z.object({
  address: z.string().regex(/^(\d{1,3}\.){3}\d{1,3}(\/\d{1,2})?$/, 'must be an IPv4 address or range'),
  port: z.int().min(1).max(65_535).nullable(),
  protocol: z.enum(['tcp', 'udp']).default('tcp'),
});
export type Destination = z.infer<typeof destination>;

/** Not a pod's own loopback, nor a link's, a group's or nobody's address: a name that says one of these leads to no far end. */
export function isFarEnd(address: string): boolean {
  const [first = 0, second] = address.split('.').map(Number);
  return first !== 0 && first !== 127 && first < 224 && !(first === 169 && second === 254);
}

/** One TCP end, which a relay can stand for and a measurement can open. */
export function endOf({ address, port, protocol }: Destination): HostPort | null {
  return protocol !== 'tcp' || port === null || address.includes('/') ? null : { host: address, port };
}

/** What a measurement is made to; null where no destination is a single TCP end. */
export function firstEnd(destinations: readonly Destination[]): HostPort | null {
  return destinations.map(endOf).find((end) => end !== null) ?? null;
}

export function sayDestination({ address, port, protocol }: Destination): string {
  return `${address}${port === null ? '' : `:${port}`}${protocol === 'udp' ? '/udp' : ''}`;
}

/** As the redirect of a host names them. */
export function endsOf(destinations: readonly Destination[]): string[] {
  return destinations.flatMap((one) => {
    const end = endOf(one);
    return end === null ? [] : [`${end.host}:${end.port}`];
  });
}

/** Each address once, whatever the port: all that comes from there. */
export function wholeHosts(destinations: readonly Destination[]): Destination[] {
  return [...new Set(destinations.map(({ address }) => address))].map((address) => ({ address, port: null, protocol: 'tcp' }));
}

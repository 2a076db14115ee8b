import { AppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { KubernetesService } from '../services.ts';
import type { EndpointSlice, Service } from './objects.ts';
import type { ClusterReads } from './reads.ts';

type Link = KubernetesService['links'][number];

/**
 * Where a link leads: `addresses` (IPv4:PORT of TCP) as they are now, and `destination`, from which they are found again while a
 * fault lasts. Host names and ranges have no addresses here: names are resolved where the caller resolves them.
 * Errors: `target/none`.
 */
export async function destinationOf(
  service: string,
  from: KubernetesService,
  link: Link,
  reads: ClusterReads,
): Promise<JsonObject> {
  const ports = link.ports ?? [];
  if (link.cidrs !== undefined) return { destination: { cidrs: link.cidrs, ports }, addresses: [] };
  if (link.hosts !== undefined) return { destination: { hosts: link.hosts, ports }, addresses: [] };
  const [first = '', second] = (link.service ?? '').split('/');
  const [namespace, name] = second === undefined ? [from.namespace, first] : [first, second];
  const found = await reads.service(namespace, name);
  if (found === null) {
    throw new AppError(
      'target/none',
      `link ${service}/${link.name}: the Service ${namespace}/${name} is not there. Correct service in the environment file, or deploy it`,
    );
  }
  if (found.spec.externalName !== undefined) return { destination: { hosts: [found.spec.externalName], ports }, addresses: [] };
  const slices = (await reads.endpointSlices(namespace)).filter(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name,
  );
  const addresses = serviceAddresses(found, slices, ports);
  if (addresses.length > 0) return { destination: { namespace, service: name, ports }, addresses };
  const where = ports.length === 0 ? '' : ` on port ${ports.join(', ')}`;
  throw new AppError(
    'target/none',
    `link ${service}/${link.name}: the Service ${namespace}/${name} leads nowhere over TCP${where}. Correct the link, or start what it leads to`,
  );
}

/**
 * A caller's packets bear the cluster IP in its own network namespace, or an endpoint's address where a Service is headless: both.
 * Endpoints that are not ready yet may be soon, and belong to it. `only`: ports of the Service; empty: all.
 */
export function serviceAddresses(service: Service, slices: readonly EndpointSlice[], only: readonly number[]): string[] {
  const ports = (service.spec.ports ?? []).filter(
    ({ port, protocol }) => isTcp(protocol) && (only.length === 0 || only.includes(port)),
  );
  const clusterIps = (service.spec.clusterIPs ?? []).filter((ip) => ip !== 'None' && !ip.includes(':'));
  const front = clusterIps.flatMap((ip) => ports.map(({ port }) => `${ip}:${port}`));
  const names = new Set(ports.map(({ name }) => name ?? ''));
  const behind = slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ endpoints = [], ports = [] }) => {
      const targets = ports.filter(({ name, protocol }) => isTcp(protocol) && names.has(name ?? ''));
      return endpoints.flatMap(({ addresses }) =>
        addresses.flatMap((ip) => targets.flatMap(({ port }) => (port === undefined ? [] : [`${ip}:${port}`]))),
      );
    });
  return [...new Set([...front, ...behind.toSorted()])];
}

function isTcp(protocol: string | undefined): boolean {
  return protocol === undefined || protocol === 'TCP';
}

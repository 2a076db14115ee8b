import { AppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';
import type { KubernetesService } from '../services.ts';
import type { EndpointSlice, Service } from './objects.ts';
import type { ClusterReads } from './reads.ts';

type Link = KubernetesService['links'][number];

/** Where a caller's packets go: an IPv4 address or range; null: every port. */
export type Destination = { readonly address: string; readonly port: number | null; readonly protocol: 'tcp' | 'udp' };

/** Nobody means these when they write a range: without them a pod and its agent are lost. */
const lifelines = [
  { namespace: 'default', service: 'kubernetes' },
  { namespace: 'kube-system', service: 'kube-dns' },
];

/**
 * Where a link leads: `destinations` as they are now, `leads` by which people know them, and `excluded`, which is left alone within
 * ranges, and whatever a name says later. Host names have no destinations here: they are resolved where the caller resolves them,
 * when its fault is prepared and while it lasts. So is the name of a headless Service while it lasts: it stands for its pods. A
 * cluster IP stays what it is. Errors: `target/none`.
 */
export async function destinationOf(
  service: string,
  from: KubernetesService,
  link: Link,
  reads: ClusterReads,
): Promise<JsonObject> {
  const ports = link.ports ?? [];
  const toHosts = async (hosts: readonly string[]): Promise<JsonObject> => ({
    destinations: [],
    excluded: await lifelineDestinations(reads),
    leads: { hosts: [...hosts], ports },
  });
  if (link.hosts !== undefined) return toHosts(link.hosts);
  if (link.cidrs !== undefined) {
    const destinations = link.cidrs.flatMap((range) => onPorts(range, ports));
    return { destinations, excluded: await lifelineDestinations(reads), leads: { cidrs: link.cidrs, ports } };
  }
  const [first = '', second] = (link.service ?? '').split('/');
  const [namespace, name] = second === undefined ? [from.namespace, first] : [first, second];
  const found = await reads.service(namespace, name);
  if (found?.spec.externalName !== undefined) return toHosts([found.spec.externalName]);
  const destinations = await serviceDestinations(namespace, name, ports, reads);
  if (destinations !== null && destinations.length > 0) {
    const headless = found?.spec.clusterIPs?.includes('None') === true;
    const leads = { namespace, service: name, ports, headless };
    return { destinations, excluded: headless ? await lifelineDestinations(reads) : [], leads };
  }
  const where = ports.length === 0 ? '' : ` on port ${ports.join(', ')}`;
  throw new AppError(
    'target/none',
    `link ${service}/${link.name}: the Service ${namespace}/${name} ${destinations === null ? 'is not there' : `leads nowhere${where}`}. Correct the link in the environment file, or deploy what it leads to`,
  );
}

async function lifelineDestinations(reads: ClusterReads): Promise<Destination[]> {
  const found = await Promise.all(lifelines.map(({ namespace, service }) => serviceDestinations(namespace, service, [], reads)));
  return found.flatMap((destinations) => destinations ?? []);
}

/** null: there is no such Service. */
async function serviceDestinations(
  namespace: string,
  name: string,
  ports: readonly number[],
  reads: ClusterReads,
): Promise<Destination[] | null> {
  const [found, slices] = await Promise.all([reads.service(namespace, name), reads.endpointSlices(namespace)]);
  if (found === null) return null;
  const own = slices.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
  return destinationsOf(found, own, ports);
}

/**
 * A caller's packets bear the cluster IP in its own network namespace, or an endpoint's address where a Service is headless: both.
 * Endpoints that are not ready yet may be soon, and belong to it. `only`: ports of the Service; empty: all.
 */
export function destinationsOf(service: Service, slices: readonly EndpointSlice[], only: readonly number[]): Destination[] {
  const ports = (service.spec.ports ?? []).filter(({ port }) => only.length === 0 || only.includes(port));
  const clusterIps = (service.spec.clusterIPs ?? []).filter((ip) => ip !== 'None' && !ip.includes(':'));
  const front = clusterIps.flatMap((address) => ports.flatMap(({ port, protocol }) => destination(address, port, protocol)));
  const names = new Set(ports.map(({ name }) => name ?? ''));
  const behind = slices
    .filter(({ addressType }) => addressType === 'IPv4')
    .flatMap(({ endpoints, ports }) => {
      const targets = (ports ?? []).filter(({ name }) => names.has(name ?? ''));
      const addresses = (endpoints ?? []).flatMap(({ addresses }) => addresses);
      return addresses.flatMap((address) => targets.flatMap(({ port, protocol }) => destination(address, port, protocol)));
    });
  const inOrder = behind.toSorted((a, b) =>
    a.address < b.address ? -1 : a.address > b.address ? 1 : (a.port ?? 0) - (b.port ?? 0),
  );
  return [...new Map([...front, ...inOrder].map((one) => [JSON.stringify(one), one])).values()];
}

function destination(address: string, port: number | null | undefined, protocol = 'TCP'): Destination[] {
  if (protocol !== 'TCP' && protocol !== 'UDP') return [];
  return [{ address, port: port ?? null, protocol: protocol === 'TCP' ? 'tcp' : 'udp' }];
}

function onPorts(address: string, ports: readonly number[]): Destination[] {
  return (ports.length === 0 ? [null] : ports).flatMap((port) => [
    { address, port, protocol: 'tcp' as const },
    { address, port, protocol: 'udp' as const },
  ]);
}

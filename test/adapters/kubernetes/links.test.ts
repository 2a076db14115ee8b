import { expect, test } from '@jest/globals';
import type { KubernetesService } from '../../../src/adapters/kubernetes/services.ts';
import { destinationOf } from '../../../src/adapters/kubernetes/targets/links.ts';
import type { EndpointSlice, Service } from '../../../src/adapters/kubernetes/targets/objects.ts';
import type { ClusterReads } from '../../../src/adapters/kubernetes/targets/reads.ts';
import type { JsonObject } from '../../../src/domain/json.ts';

type Link = KubernetesService['links'][number];

const ports = (port: number, name = 'main', protocol = 'TCP') => [{ name, port, protocol }];
const services: Readonly<Record<string, Service['spec']>> = {
  'shop/web': { clusterIPs: ['10.96.0.7'], ports: ports(80) },
  'shop/nodes': { clusterIPs: ['None'], ports: ports(9042) },
  'shop/outside': { externalName: 'db.example.com' },
  'default/kubernetes': { clusterIPs: ['10.96.0.1'], ports: ports(443) },
  'kube-system/kube-dns': { clusterIPs: ['10.96.0.10'], ports: ports(53, 'main', 'UDP') },
};
const slice = (name: string, address: string, port: number): EndpointSlice =>
  ({
    metadata: { name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address] }],
    ports: ports(port),
  }) as unknown as EndpointSlice;
const slices: Readonly<Record<string, readonly EndpointSlice[]>> = {
  shop: [slice('web', '10.244.1.2', 8080), slice('nodes', '10.244.1.3', 9042)],
  default: [slice('kubernetes', '172.20.0.2', 6443)],
  'kube-system': [],
};
const reads: Partial<ClusterReads> = {
  service: async (namespace, name) => {
    const spec = services[`${namespace}/${name}`];
    return spec === undefined ? null : ({ metadata: { name, namespace }, spec } as unknown as Service);
  },
  endpointSlices: async (namespace) => slices[namespace] ?? [],
};

const leads = (link: Partial<Link>): Promise<JsonObject> =>
  destinationOf(
    'web',
    { namespace: 'shop' } as KubernetesService,
    { name: 'far', to: 'far', ...link } as Link,
    reads as ClusterReads,
  );
const lifelines = [{ address: '10.96.0.1' }, { address: '172.20.0.2' }, { address: '10.96.0.10', protocol: 'udp' }];

test('a Service with an address of its own is that, and its pods as they are: there is no name to ask again', async () => {
  expect(await leads({ service: 'web' })).toMatchObject({
    destinations: [
      { address: '10.96.0.7', port: 80 },
      { address: '10.244.1.2', port: 8080 },
    ],
    excluded: [],
    leads: { namespace: 'shop', service: 'web', headless: false },
  });
});

test.each<[string, Partial<Link>, JsonObject]>([
  ['a headless Service is its pods', { service: 'nodes' }, { namespace: 'shop', service: 'nodes', headless: true }],
  ['hosts are found where the pod is', { hosts: ['a.example'], ports: [443] }, { hosts: ['a.example'], ports: [443] }],
  ['so is what a Service stands for outside', { service: 'outside' }, { hosts: ['db.example.com'] }],
])('%s, and whatever its name says later, the API server and DNS are kept out', async (_, link, expected) => {
  const found = await leads(link);
  expect(found).toMatchObject({ leads: expected, excluded: lifelines });
  expect(found['destinations']).toHaveLength('headless' in expected ? 1 : 0);
});

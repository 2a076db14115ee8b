/** A worker of the lab. Pods of it live in 10.78.<octet>.0/24, itself at 10.77.0.<octet>. */
export interface Worker {
  readonly name: string;
  readonly octet: number;
  readonly zone: string;
}

/** The one source of the lab's shape: what `kind-config.yaml` says too, and a test holds the two together. */
export const topology = {
  kubernetes: '1.34.4',
  serviceSubnet: '10.96.0.0/16',
  podSubnet: '10.78.0.0/16',
  apiServiceAddress: '10.96.0.1',
  dnsAddress: '10.96.0.10',
  zoneLabel: 'topology.kubernetes.io/zone',
  controlPlane: { name: 'cp', octet: 10 },
  workers: [
    { name: 'w1', octet: 11, zone: 'a' },
    { name: 'w2', octet: 12, zone: 'b' },
    { name: 'w3', octet: 13, zone: 'c' },
  ],
  /** Only in the lab, with `--netem`: another kernel, which has netem and cgroup v2. */
  netemWorker: { name: 'w4', octet: 14, zone: 'd' },
} as const;

/** Local volumes of each worker, each on a filesystem of its own: one that is full hurts nobody else. */
export const volumesPerWorker = 3;

export const workers: readonly Worker[] = topology.workers;
export const everyWorker: readonly Worker[] = [...workers, topology.netemWorker];

/** Where the host is reached on the lab's bridge; the way out of every node. */
export const hostAddress = '10.77.0.1';
export const nodeAddress = (node: { readonly octet: number }): string => `10.77.0.${node.octet}`;
export const podSubnet = (node: { readonly octet: number }): string => `10.78.${node.octet}.0/24`;
export const apiServer = `https://${nodeAddress(topology.controlPlane)}:6443`;

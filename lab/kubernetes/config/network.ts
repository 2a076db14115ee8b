import { hostAddress, nodeAddress, podSubnet, type Worker } from '../topology.ts';

/** `network.sh` of a node: its address, the way out, and the way to every other node's pods. */
export function networkScript(node: { readonly octet: number }, workers: readonly Worker[]): string {
  const others = workers.filter((worker) => worker.octet !== node.octet);
  return [
    `ip addr add ${nodeAddress(node)}/24 dev eth0`,
    'ip link set eth0 up',
    `ip route add default via ${hostAddress}`,
    ...others.map((worker) => `ip route add ${podSubnet(worker)} via ${nodeAddress(worker)}`),
    '',
  ].join('\n');
}

/**
 * ptp, not a bridge: without bridge netfilter in the node's own network namespace, an answer between pods of one node would
 * go past conntrack, and a Service's address would not be put back.
 */
export function cniConfig(worker: Worker): string {
  const range = [{ subnet: podSubnet(worker) }];
  const ipam = { type: 'host-local', dataDir: '/run/cni-ipam', ranges: [range], routes: [{ dst: '0.0.0.0/0' }] };
  const plugins = [
    { type: 'ptp', mtu: 1500, ipMasq: false, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion: '0.4.0', name: 'lab', plugins }, null, 2);
}

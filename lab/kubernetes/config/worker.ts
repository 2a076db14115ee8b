import { stringify } from 'yaml';
import { imageReference } from '../image-builder/recipe.ts';
import { nodeAddress, topology, type Worker } from '../topology.ts';
import { serviceLine } from './service-script.ts';

/** What a worker needs of the pki folder. */
export const workerFiles = ({ name }: Worker): readonly string[] => [
  'ca.crt',
  `${name}.crt`,
  `${name}.key`,
  `${name}.kubeconfig`,
  'proxy.kubeconfig',
];

/** `services.sh` of a worker. `labels` and `taints` are what it joins with, besides its zone. */
export function workerScript(worker: Worker, extra: { readonly labels?: string; readonly taints?: string } = {}): string {
  const labels = [`${topology.zoneLabel}=${worker.zone}`, 'topology.kubernetes.io/region=lab', extra.labels ?? ''];
  return [
    'sysctl -qw net.ipv4.ip_forward=1',
    serviceLine('containerd', { config: '/lab/etc/containerd.toml', 'log-level': 'warn' }),
    '# A kubelet that starts first waits out a back-off of its own.',
    "until [ -S /run/containerd/containerd.sock ] && ctr plugins ls 2>/dev/null | grep -q 'grpc.v1 *cri .*ok'; do sleep .05; done",
    serviceLine('kubelet', {
      config: '/lab/etc/kubelet.yaml',
      kubeconfig: `/lab/etc/${worker.name}.kubeconfig`,
      'hostname-override': worker.name,
      'node-ip': nodeAddress(worker),
      'node-labels': labels.filter((label) => label !== '').join(','),
      ...(extra.taints === undefined ? {} : { 'register-with-taints': extra.taints }),
    }),
    serviceLine('kube-proxy', { config: '/lab/etc/kube-proxy.yaml' }),
    '',
  ].join('\n');
}

/** `reservedKiB`: what of the machine's memory a node must not promise to pods. */
export function kubeletConfig(worker: Worker, reservedKiB: number): string {
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: '/lab/etc/ca.crt' },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `/lab/etc/${worker.name}.crt`,
    tlsPrivateKeyFile: `/lab/etc/${worker.name}.key`,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    // containerd 1.6 cannot say which one it uses.
    cgroupDriver: 'cgroupfs',
    clusterDNS: [topology.dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    failSwapOn: false,
    nodeStatusUpdateFrequency: '2s',
    nodeStatusReportFrequency: '10s',
    nodeLeaseDurationSeconds: 8,
    volumeStatsAggPeriod: '10s',
    syncFrequency: '10s',
    serializeImagePulls: false,
    // An image that is collected as garbage could be had from nowhere again.
    imageGCHighThresholdPercent: 100,
    imageMinimumGCAge: '876000h',
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '10%',
      'nodefs.inodesFree': '5%',
      'imagefs.available': '500Mi',
    },
    evictionPressureTransitionPeriod: '15s',
    systemReserved: reservedKiB > 0 ? { memory: `${reservedKiB}Ki` } : {},
    containerLogMaxSize: '5Mi',
    containerLogMaxFiles: 2,
  });
}

export function kubeProxyConfig(worker: Worker, mode: 'nftables' | 'iptables'): string {
  return stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode,
    hostnameOverride: worker.name,
    clusterCIDR: topology.podSubnet,
    clientConnection: { kubeconfig: '/lab/etc/proxy.kubeconfig' },
    // These limits belong to the machine: a network namespace may not set them.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    [mode]: { minSyncPeriod: '200ms' },
  });
}

/**
 * restrict_oom_score_adj: without CAP_SYS_RESOURCE, as in many virtual machines, runc may not lower it, and no pod would start.
 * hugetlb: a kernel may have no such controller.
 */
export function containerdConfig(): string {
  return `version = 2
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${imageReference('pause')}"
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = false
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/lab/etc/cni"
`;
}

import { nodeAddress, topology } from '../topology.ts';
import { serviceLine } from './service-script.ts';

const etc = (file: string): string => `/lab/etc/${file}`;
const ETCD = 'http://127.0.0.1:2379';

/** What the control plane's node needs of the pki folder. */
export const controlPlaneFiles: readonly string[] = [
  ...['ca', 'front-proxy-ca', 'apiserver', 'kubelet-client', 'front-proxy-client'].map((name) => `${name}.crt`),
  ...['ca', 'apiserver', 'kubelet-client', 'front-proxy-client', 'service-accounts'].map((name) => `${name}.key`),
  'controller-manager.kubeconfig',
  'scheduler.kubeconfig',
];

/** `services.sh` of the control plane. */
export function controlPlaneScript(): string {
  return [
    serviceLine('etcd', {
      name: 'lab',
      'data-dir': '/var/lib/etcd',
      // Disposable: what a power loss of the whole machine would cost here is nothing.
      'unsafe-no-fsync': true,
      'listen-client-urls': ETCD,
      'advertise-client-urls': ETCD,
      'listen-peer-urls': 'http://127.0.0.1:2380',
      'log-level': 'warn',
    }),
    '# An API server that starts first waits out a back-off of gRPC, a second.',
    'until (exec 3<>/dev/tcp/127.0.0.1/2379) 2>/dev/null; do sleep .02; done',
    serviceLine('kube-apiserver', apiServerFlags),
    serviceLine('kube-controller-manager', controllerManagerFlags),
    serviceLine('kube-scheduler', schedulerFlags),
    '',
  ].join('\n');
}

const apiServerFlags = {
  'etcd-servers': ETCD,
  'advertise-address': nodeAddress(topology.controlPlane),
  'secure-port': 6443,
  'client-ca-file': etc('ca.crt'),
  'tls-cert-file': etc('apiserver.crt'),
  'tls-private-key-file': etc('apiserver.key'),
  'service-account-key-file': etc('service-accounts.key'),
  'service-account-signing-key-file': etc('service-accounts.key'),
  'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
  'service-cluster-ip-range': topology.serviceSubnet,
  'authorization-mode': 'Node,RBAC',
  'enable-admission-plugins': 'NodeRestriction',
  'allow-privileged': true,
  'kubelet-client-certificate': etc('kubelet-client.crt'),
  'kubelet-client-key': etc('kubelet-client.key'),
  'kubelet-certificate-authority': etc('ca.crt'),
  'kubelet-preferred-address-types': 'InternalIP',
  // Aggregation, which the metrics API needs; straight to its pods, for there is no kube-proxy here.
  'requestheader-client-ca-file': etc('front-proxy-ca.crt'),
  'requestheader-allowed-names': 'front-proxy-client',
  'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
  'requestheader-group-headers': 'X-Remote-Group',
  'requestheader-username-headers': 'X-Remote-User',
  'proxy-client-cert-file': etc('front-proxy-client.crt'),
  'proxy-client-key-file': etc('front-proxy-client.key'),
  'enable-aggregator-routing': true,
  // Pods of a dead node go after 10 s instead of 5 min: nobody waits for that in a lab.
  'default-not-ready-toleration-seconds': 10,
  'default-unreachable-toleration-seconds': 10,
  profiling: false,
} as const;

const controllerManagerFlags = {
  kubeconfig: etc('controller-manager.kubeconfig'),
  'authentication-kubeconfig': etc('controller-manager.kubeconfig'),
  'authorization-kubeconfig': etc('controller-manager.kubeconfig'),
  'service-account-private-key-file': etc('service-accounts.key'),
  'root-ca-file': etc('ca.crt'),
  'cluster-signing-cert-file': etc('ca.crt'),
  'cluster-signing-key-file': etc('ca.key'),
  'use-service-account-credentials': true,
  // The defaults make the start of a cluster wait for its own throttle.
  'kube-api-qps': 300,
  'kube-api-burst': 500,
  'leader-elect': false,
  'node-monitor-period': '2s',
  'node-monitor-grace-period': '12s',
  'allocate-node-cidrs': false,
  profiling: false,
} as const;

const schedulerFlags = {
  kubeconfig: etc('scheduler.kubeconfig'),
  'authentication-kubeconfig': etc('scheduler.kubeconfig'),
  'authorization-kubeconfig': etc('scheduler.kubeconfig'),
  'leader-elect': false,
  'kube-api-qps': 200,
  'kube-api-burst': 300,
  profiling: false,
} as const;

import { clusterAgentLabels } from './cluster-agent.ts';
import { alivePort, names, partOf } from './names.ts';
import type { InstallOptions, Manifest } from './options.ts';

const port = (number: number, protocol: 'TCP' | 'UDP' = 'TCP'): object => ({ port: number, protocol });
/** No selector finds the API server, which is no pod: its usual ports, wherever it is. */
const apiServer = { ports: [port(443), port(6443)] };
const dns = { ports: [port(53, 'UDP'), port(53)] };

/** Who may call agents, and whom they may call. The kubelet's probes come in whatever they say. */
export function networkPolicies(
  { namespace, namespaces, apiFaultsOnly }: InstallOptions,
  nodesNamespace: string,
): readonly Manifest[] {
  const isTarget = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: namespaces }] };
  const targets = namespaces.length === 0 ? [] : [{ to: [{ namespaceSelector: isTarget }] }];
  return [
    // A worker may be in the same namespace, and calls others.
    policy(names.clusterAgent, namespace, {
      podSelector: { matchLabels: clusterAgentLabels },
      // Figures, and nothing else.
      ingress: [{ from: [{ namespaceSelector: {} }], ports: [port(alivePort)] }],
      // Databases and services where faults may act: it holds their connections, and sends them load.
      egress: [apiServer, dns, ...targets],
    }),
    ...(apiFaultsOnly
      ? []
      : [policy(names.nodeAgent, nodesNamespace, { podSelector: {}, ingress: [], egress: [apiServer, dns] })]),
  ];
}

interface Rules {
  readonly podSelector: object;
  readonly ingress: readonly object[];
  readonly egress: readonly object[];
}

function policy(name: string, namespace: string, rules: Rules): Manifest {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace, labels: partOf },
    spec: { policyTypes: ['Ingress', 'Egress'], ...rules },
  };
}

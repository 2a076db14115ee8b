import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { nodeAgentsNamespace } from '../domain/plan/protected-namespaces.ts';
import { admissionPolicies } from './admission-policies.ts';
import { clusterAgent } from './cluster-agent.ts';
import { monitoring } from './monitoring.ts';
import { instanceLabel, names, partOf } from './names.ts';
import { networkPolicies } from './network-policies.ts';
import type { InstallOptions, Manifest } from './options.ts';
import { rights } from './rights.ts';

/** Every object of an installation, in the order in which they are made. */
export function manifests(options: InstallOptions): readonly Manifest[] {
  const { namespace, apiFaultsOnly, policy } = options;
  const nodesNamespace = nodeAgentsNamespace(namespace);
  const text = stringify(policy);
  const own: readonly Manifest[] = [
    namespaceWith(namespace, 'restricted'),
    ...(apiFaultsOnly ? [] : [namespaceWith(nodesNamespace, 'privileged')]),
    serviceAccount(names.clusterAgent, namespace),
    serviceAccount(names.worker, namespace),
    ...(apiFaultsOnly ? [] : [serviceAccount(names.nodeAgent, nodesNamespace)]),
    // What holds a right is there before it.
    ...admissionPolicies(options, nodesNamespace),
    ...rights(options, nodesNamespace),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'firedrill-policy', namespace, labels: partOf },
      data: { 'policy.yaml': text },
    },
    ...networkPolicies(options, nodesNamespace),
    ...clusterAgent(options, createHash('sha256').update(text).digest('hex').slice(0, 16)),
    ...(options.monitoring ? monitoring(namespace) : []),
  ];
  return [...options.customResources, ...own.map((each) => ofInstance(each, namespace))];
}

/** By this label an installation is found again as a whole. */
function ofInstance({ metadata, ...rest }: Manifest, namespace: string): Manifest {
  return { ...rest, metadata: { ...metadata, labels: { ...metadata.labels, [instanceLabel]: namespace } } };
}

/** As one file for `kubectl apply -f`. */
export function asYaml(objects: readonly Manifest[]): string {
  return objects.map((object) => `---\n${stringify(object, { aliasDuplicateObjects: false })}`).join('');
}

function namespaceWith(name: string, level: 'restricted' | 'privileged'): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      labels: {
        ...partOf,
        'pod-security.kubernetes.io/enforce': level,
        'pod-security.kubernetes.io/audit': level,
        'pod-security.kubernetes.io/warn': level,
      },
    },
  };
}

function serviceAccount(name: string, namespace: string): Manifest {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels: partOf } };
}

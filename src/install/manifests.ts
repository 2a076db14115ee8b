import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { JsonObject } from '../domain/json.ts';
import { nodeAgentsNamespace } from '../domain/plan/protected-namespaces.ts';
import { clusterAgent } from './cluster-agent.ts';
import { names, partOf } from './names.ts';
import type { InstallOptions } from './options.ts';
import { rights } from './rights.ts';

/** Every object of an installation, in the order in which they are made. */
export function manifests(options: InstallOptions): readonly JsonObject[] {
  const { namespace, apiFaultsOnly, policy } = options;
  const nodesNamespace = nodeAgentsNamespace(namespace);
  const text = stringify(policy);
  return [
    namespaceWith(namespace, 'restricted'),
    ...(apiFaultsOnly ? [] : [namespaceWith(nodesNamespace, 'privileged')]),
    ...(options.customResources as readonly JsonObject[]),
    serviceAccount(names.clusterAgent, namespace),
    serviceAccount(names.worker, namespace),
    ...(apiFaultsOnly ? [] : [serviceAccount(names.nodeAgent, nodesNamespace)]),
    ...rights(options, nodesNamespace),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'firedrill-policy', namespace, labels: partOf },
      data: { 'policy.yaml': text },
    },
    nobodyCallsIn(namespace),
    ...(apiFaultsOnly ? [] : [nobodyCallsIn(nodesNamespace)]),
    ...clusterAgent(options, createHash('sha256').update(text).digest('hex').slice(0, 16)),
  ];
}

/** As one file for `kubectl apply -f`. */
export function asYaml(objects: readonly JsonObject[]): string {
  return objects.map((object) => `---\n${stringify(object, { aliasDuplicateObjects: false })}`).join('');
}

function namespaceWith(name: string, level: 'restricted' | 'privileged'): JsonObject {
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

function serviceAccount(name: string, namespace: string): JsonObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels: partOf } };
}

/** Agents call the API server and their targets; only the kubelet calls them, which no policy keeps out. */
function nobodyCallsIn(namespace: string): JsonObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'firedrill-no-ingress', namespace, labels: partOf },
    spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [] },
  };
}

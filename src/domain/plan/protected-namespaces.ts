/**
 * Namespaces that nothing is broken in, whatever a file or a policy says: what runs the cluster, what renews its certificates,
 * and what would see the damage.
 */
export const protectedNamespaces = ['kube-system', 'kube-public', 'kube-node-lease', 'cert-manager', 'monitoring'] as const;

/** `agents`: the namespace of records and agents; node agents have another beside it. Both are protected too. */
export function isProtectedNamespace(namespace: string, agents: string): boolean {
  return [...protectedNamespaces, agents, nodeAgentsNamespace(agents)].includes(namespace);
}

/** Where the agents of nodes run, which need rights that the others' namespace does not give. */
export function nodeAgentsNamespace(agents: string): string {
  return `${agents}-nodes`;
}

import { isAllowedNode } from '../domain/plan/allowed-nodes.ts';
import type { TargetRef } from '../domain/plan/plan.ts';
import type { AgentPolicy } from '../faults/fault.ts';

/** Why a cluster's policy does not let a target be acted on; null when it does. */
export function deniedInCluster({ kind, name, locator }: TargetRef, policy: AgentPolicy): string | null {
  if (kind === 'node') {
    return isAllowedNode(name, policy.allowNodes) ? null : `node "${name}" is not among allowNodes`;
  }
  const { namespace } = locator;
  if (typeof namespace !== 'string' || namespace === '') return `its target "${name}" names no namespace`;
  if ((policy.denyNamespaces ?? []).includes(namespace)) return `namespace "${namespace}" is never acted on`;
  return (policy.allowNamespaces ?? []).includes(namespace) ? null : `namespace "${namespace}" is not among allowNamespaces`;
}

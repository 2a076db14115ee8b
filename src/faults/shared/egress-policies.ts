import { AppError } from '../../domain/errors.ts';
import type { ClusterTools, KubeObject } from '../cluster-tools.ts';
import { selects } from './label-selector.ts';
import type { LabelSelector } from './label-selector.ts';

/** What is read of a NetworkPolicy. */
interface NetworkPolicy extends KubeObject {
  readonly spec?: { readonly podSelector?: LabelSelector; readonly policyTypes?: readonly string[] };
}

export const networkPolicies = { apiVersion: 'networking.k8s.io/v1', resource: 'networkpolicies' } as const;

/** Names of the policies that say what this pod may send. Others, of the network itself, are not NetworkPolicies and not looked at. */
export async function egressPoliciesOf(
  cluster: ClusterTools,
  { metadata: { namespace = '', labels = {} } }: KubeObject,
): Promise<string[]> {
  const policies = await cluster.list<NetworkPolicy>({ ...networkPolicies, namespace });
  return policies
    .filter(({ spec }) => (spec?.policyTypes ?? []).includes('Egress'))
    .filter(({ spec }) => selects(spec?.podSelector ?? {}, labels))
    .map(({ metadata }) => metadata.name);
}

/** Policies only allow, and add up: one that allows all but some would widen what another holds. Errors: `policy/denied`. */
export function refuseWidening(name: string, policies: readonly string[]): void {
  if (policies.length === 0) return;
  throw new AppError(
    'policy/denied',
    `${name}: what the pod may send is said by NetworkPolicy ${policies.join(', ')} already. Policies only add to what is allowed, so one more cannot forbid, and would allow what these do not. Use network-partition`,
  );
}

import type { JsonObject } from '../../domain/json.ts';
import { clusterOf } from '../cluster-tools.ts';
import type { KubeObject, ObjectRef } from '../cluster-tools.ts';
import type { FaultContext } from '../fault.ts';
import type { Destination } from './destinations.ts';
import { networkPolicies } from './egress-policies.ts';
import { markFor, markLabel } from './held-object.ts';
import { cutLabel } from './witness.ts';

/** A NetworkPolicy of ours: who has its label may send to everywhere but there. */
export type CutPolicy = {
  readonly namespace: string;
  readonly name: string;
  /** Whose pod it goes with, when that is deleted. */
  readonly target: { readonly name: string; readonly uid: string };
  readonly destinations: readonly Destination[];
  /** Left alone where a range covers them. */
  readonly excluded: readonly Destination[];
};

/** Errors: `cluster/forbidden`, `upstream/refused`. */
export async function createCutPolicy(context: FaultContext, policy: CutPolicy): Promise<void> {
  await clusterOf(context).create(refOf(policy), cutPolicy(policy, markFor(context)));
}

/** Whether it was there, and is not any more. */
export async function deleteCutPolicy(context: FaultContext, policy: CutPolicy): Promise<boolean> {
  const found = await findCutPolicy(context, policy);
  if (found === null) return false;
  return (await clusterOf(context).delete(refOf(policy), { uid: found.metadata.uid })) === 'deleted';
}

/** null when it is gone, or when somebody else's has its name. */
export async function findCutPolicy(context: FaultContext, policy: CutPolicy): Promise<KubeObject | null> {
  const found = await clusterOf(context).get(refOf(policy));
  return found?.metadata.labels?.[markLabel] === markFor(context) ? found : null;
}

function refOf({ namespace, name }: CutPolicy): ObjectRef {
  return { ...networkPolicies, namespace, name };
}

function cutPolicy({ namespace, name, target, destinations, excluded }: CutPolicy, mark: string): JsonObject {
  const ranges = (some: readonly Destination[]): string[] => [...new Set(some.map(({ address }) => rangeOf(address)))];
  const everywhereBut = { cidr: '0.0.0.0/0', except: ranges(destinations) };
  const blocks = [everywhereBut, { cidr: '::/0' }, ...ranges(excluded).map((cidr) => ({ cidr }))];
  return {
    apiVersion: networkPolicies.apiVersion,
    kind: 'NetworkPolicy',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/part-of': 'firedrill', [markLabel]: mark },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', ...target }],
    },
    spec: {
      podSelector: { matchLabels: { [cutLabel]: mark } },
      policyTypes: ['Egress'],
      egress: [{ to: blocks.map((ipBlock) => ({ ipBlock })) }],
    },
  };
}

const rangeOf = (address: string): string => (address.includes('/') ? address : `${address}/32`);

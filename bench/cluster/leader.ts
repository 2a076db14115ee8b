import { recordResources } from '../../src/adapters/kubernetes/record-names.ts';
import { AppError } from '../../src/domain/errors.ts';
import { names } from '../../src/install/names.ts';
import type { BenchCluster } from './bench-cluster.ts';

/** The pod of the cluster's agent that leads now. Errors: `part/missing` when none does. */
export async function leaderOf({ api, agentsNamespace }: BenchCluster): Promise<string> {
  const lease = await api.get(recordResources(agentsNamespace).leases, names.leaderLease);
  const holder = (lease?.spec as { readonly holderIdentity?: string } | undefined)?.holderIdentity;
  if (holder === undefined || holder === '') throw new AppError('part/missing', `no agent leads in ${agentsNamespace}`);
  return holder;
}

import type { KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';
import type { ClaimPlace, Holder } from '../records/taking-claims.ts';
import { keys, labelValue, selectorOf, sha256 } from './record-names.ts';

/** One Lease per claim. Whose it is stands in `holderIdentity`. */
export function createClaims(api: KubeApi, leases: KubeResource): ClaimPlace & { release(holder: string): Promise<void> } {
  const labelsOf = (holder: string) => ({ [keys.record]: 'claim', [keys.injection]: labelValue(holder) });

  /** Of that very object: what another holder made of the name since is not ours. */
  const remove = async ({ metadata: { name, uid } }: KubeObject): Promise<void> => {
    await api.delete(leases, name, uid === undefined ? {} : { uid });
  };

  return {
    async take(claim, holder) {
      const name = nameOf(claim);
      for (;;) {
        const created = await api.create(leases, {
          metadata: { name, labels: labelsOf(holder), annotations: { [keys.claim]: claim } },
          spec: { holderIdentity: holder },
        });
        if (created.ok) return 'none';
        const found = await api.get(leases, name);
        // Given back between the two looks: it is free after all.
        if (found !== null) return holderOf(found);
      }
    },
    async giveBack(claim, holder) {
      const found = await api.get(leases, nameOf(claim));
      if (found !== null && isHeldBy(found, holder)) await remove(found);
    },
    async release(holder) {
      const { items } = await api.list(leases, { labelSelector: selectorOf(labelsOf(holder)) });
      await Promise.all(items.filter((lease) => isHeldBy(lease, holder)).map(remove));
    },
  };
}

function nameOf(claim: string): string {
  return `claim-${sha256(claim).slice(0, 40)}`;
}

function isHeldBy(lease: KubeObject, id: string): boolean {
  const { holder } = holderOf(lease);
  return holder === id;
}

function holderOf({ spec }: KubeObject): Exclude<Holder, 'none'> {
  const holder: unknown = typeof spec === 'object' && spec !== null && 'holderIdentity' in spec ? spec.holderIdentity : null;
  return { holder: typeof holder === 'string' && holder !== '' ? holder : null };
}

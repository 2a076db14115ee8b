import type { KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';
import type { ClaimPlace, Holder } from '../records/taking-claims.ts';
import { keys, labelValue, selectorOf, sha256 } from './record-names.ts';

/**
 * One Lease per claim. Whose it is stands in `holderIdentity`. Each installation has its own, beside its records; what is claimed may
 * be wanted by another too. So whoever has made a claim looks for the same one in all namespaces: of two who make it at the same
 * moment each sees the other, and both give way.
 */
export function createClaims(api: KubeApi, leases: KubeResource): ClaimPlace & { release(holder: string): Promise<void> } {
  const labelsOf = (holder: string) => ({ [keys.record]: 'claim', [keys.injection]: labelValue(holder) });

  /** Of that very object: what another holder made of the name since is not ours. */
  const remove = async ({ metadata: { name, uid } }: KubeObject): Promise<void> => {
    await api.delete(leases, name, uid === undefined ? {} : { uid });
  };

  const giveBack = async (claim: string, holder: string): Promise<void> => {
    const found = await api.get(leases, nameOf(claim));
    if (found !== null && isHeldBy(found, holder)) await remove(found);
  };

  /** By another installation. Read from the store itself, not from a watch: a moment ago is too long ago. */
  const heldElsewhere = async (name: string): Promise<string | null> => {
    const { namespace: own, ...everywhere } = leases;
    const { items } = await api.list(everywhere, { fieldSelector: `metadata.name=${name}` });
    const other = items.find(({ metadata }) => metadata.namespace !== own);
    return other === undefined ? null : `${other.metadata.namespace}/${holderOf(other).holder ?? 'unknown'}`;
  };

  return {
    async take(claim, holder) {
      const name = nameOf(claim);
      for (;;) {
        const created = await api.create(leases, {
          metadata: { name, labels: labelsOf(holder), annotations: { [keys.claim]: claim } },
          spec: { holderIdentity: holder },
        });
        const found = created.ok ? created.object : await api.get(leases, name);
        // Given back between the two looks: it is free after all.
        if (found === null) continue;
        if (!isHeldBy(found, holder)) return holderOf(found);
        const other = await heldElsewhere(name);
        if (other === null) return created.ok ? 'none' : { holder };
        await giveBack(claim, holder);
        return { holder: other };
      }
    },
    giveBack,
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

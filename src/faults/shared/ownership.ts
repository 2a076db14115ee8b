import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { KubeObject, ObjectRef } from '../cluster-tools.ts';
import { sayRef } from './held-object.ts';

/** Parameter of each fault that changes an object which something else may own. */
export const ownedBy = z
  .literal('acknowledged')
  .nullable()
  .default(null)
  .describe('acknowledged, where an operator or GitOps owns the object and may change it back at any time');
export type Ownership = z.infer<typeof ownedBy>;

/** Labels and annotations by which those who keep objects as they are declared elsewhere know theirs. */
const marks: readonly (readonly [string, string])[] = [
  ['argocd.argoproj.io/tracking-id', 'Argo CD'],
  ['argocd.argoproj.io/instance', 'Argo CD'],
  ['kustomize.toolkit.fluxcd.io/name', 'Flux'],
  ['helm.toolkit.fluxcd.io/name', 'Flux'],
  ['objectset.rio.cattle.io/owner-name', 'Fleet'],
  ['configsync.gke.io/declared-version', 'Config Sync'],
  ['cert-manager.io/certificate-name', 'cert-manager'],
];

/** Who would put the object back: `Argo CD (shop)`, `Kafka events`. */
export function ownersOf({ metadata }: KubeObject): string[] {
  const all = { ...metadata.labels, ...metadata.annotations };
  const keepers = marks.flatMap(([key, keeper]) => (all[key] === undefined ? [] : [`${keeper} (${all[key]})`]));
  return [...(metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`), ...new Set(keepers)];
}

/** Errors: `policy/denied`, with the owners' names, unless they are acknowledged. */
export function refuseOwned(object: KubeObject, ref: ObjectRef, acknowledged: Ownership): void {
  const owners = ownersOf(object);
  if (owners.length === 0 || acknowledged === 'acknowledged') return;
  throw new AppError(
    'policy/denied',
    `${sayRef(ref)} is owned by ${owners.join(', ')}, which may change it back at any time. Break it there, or write ownedBy: acknowledged`,
  );
}

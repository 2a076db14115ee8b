import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { Answer, KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';

/** An object as it is sent: what kind of object it is decides where. */
interface Sent {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** What an installation may consist of, in the order in which it is made; it is taken away in the other. */
const plurals = {
  CustomResourceDefinition: { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' },
  Namespace: { group: '', resource: 'namespaces' },
  ServiceAccount: { group: '', resource: 'serviceaccounts' },
  ClusterRole: { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' },
  ClusterRoleBinding: { group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
  Role: { group: 'rbac.authorization.k8s.io', resource: 'roles' },
  RoleBinding: { group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
  ValidatingAdmissionPolicy: { group: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicies' },
  ValidatingAdmissionPolicyBinding: { group: 'admissionregistration.k8s.io', resource: 'validatingadmissionpolicybindings' },
  ConfigMap: { group: '', resource: 'configmaps' },
  NetworkPolicy: { group: 'networking.k8s.io', resource: 'networkpolicies' },
  Deployment: { group: 'apps', resource: 'deployments' },
  PodDisruptionBudget: { group: 'policy', resource: 'poddisruptionbudgets' },
  Service: { group: '', resource: 'services' },
  ServiceMonitor: { group: 'monitoring.coreos.com', resource: 'servicemonitors' },
  PrometheusRule: { group: 'monitoring.coreos.com', resource: 'prometheusrules' },
} as const;
type Kind = keyof typeof plurals;
const kinds = Object.keys(plurals) as Kind[];
/** A namespace takes with it what is in it. */
const goneWaitMs = 60_000;
const settledWithinMs = 2_000;

/** Whether the server knows a group of kinds, as `group/version`. Errors: as `KubeApi`. */
export async function serves(api: KubeApi, groupVersion: string): Promise<boolean> {
  const answer = await api.request({ method: 'GET', path: `/apis/${groupVersion}` });
  return answer.ok;
}

/** Server-side apply of all of them, in their order. Errors: `cluster/forbidden`, `upstream/refused`. */
export async function applyObjects(api: KubeApi, objects: readonly Sent[]): Promise<void> {
  for (const object of objects) {
    const applied = await onceSettled(() => api.patch(resourceOf(object), object.metadata.name, { type: 'apply', body: object }));
    if (!applied.ok) throw new AppError('upstream/refused', `${nameOf(object)} was not applied: ${applied.message}`);
  }
}

const rules = z
  .array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) }))
  .catch([]);

/** Roles that bear the label and give what none of `objects` gives any more under their name. */
export async function narrowedRoles(api: KubeApi, labelSelector: string, objects: readonly Sent[]): Promise<readonly string[]> {
  const given = new Map(objects.map((object) => [nameOf(object), rightsOf(object)]));
  const narrowed: string[] = [];
  for (const kind of ['ClusterRole', 'Role'] as const) {
    const { items } = await api.list({ ...plurals[kind], version: 'v1' }, { labelSelector });
    for (const role of items) {
      const name = nameOf({ kind, metadata: role.metadata });
      if ([...rightsOf(role)].some((right) => given.get(name)?.has(right) !== true)) narrowed.push(name);
    }
  }
  return narrowed;
}

function rightsOf(role: object): Set<string> {
  const found = rules.parse('rules' in role ? role.rules : []);
  return new Set(
    found.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))),
    ),
  );
}

/** Takes away what bears the label and is not among `keep`: what an earlier installation had, or all of it. */
export async function pruneObjects(api: KubeApi, labelSelector: string, keep: readonly Sent[]): Promise<readonly string[]> {
  const kept = new Set(keep.map(nameOf));
  const gone: string[] = [];
  const isThere = await serves(api, 'monitoring.coreos.com/v1');
  for (const kind of kinds.toReversed()) {
    const { group, resource } = plurals[kind];
    if (group === 'monitoring.coreos.com' && !isThere) continue;
    const of: KubeResource = { group, version: 'v1', resource };
    const { items } = await api.list(of, { labelSelector, metadataOnly: true });
    for (const { metadata } of items) {
      const name = nameOf({ kind, metadata });
      if (kept.has(name)) continue;
      const { namespace } = metadata;
      const where = namespace === undefined ? of : { ...of, namespace };
      const answer = await onceSettled(() => api.delete(where, metadata.name, { propagationPolicy: 'Foreground' }));
      if (!answer.ok && answer.status !== 404) {
        throw new AppError('upstream/refused', `${name} was not deleted: ${answer.message}. Delete it yourself, then run again`);
      }
      gone.push(name);
      if (kind === 'Namespace' || kind === 'Deployment') await untilGone(api, where, metadata.name, name);
    }
  }
  return gone;
}

/**
 * An admission policy keeps what reverts may need. It knows the records from a watch, so that one which has just ended may still be
 * in the way for a moment.
 */
async function onceSettled<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
  for (const until = performance.now() + settledWithinMs; ; await sleep(100)) {
    const answer = await ask();
    if (answer.ok || answer.status !== 422 || performance.now() > until) return answer;
  }
}

/** Takes a kind of object away, with every object of it. */
export async function removeDefinition(api: KubeApi, name: string): Promise<void> {
  await api.delete({ ...plurals.CustomResourceDefinition, version: 'v1' }, name);
}

async function untilGone(api: KubeApi, of: KubeResource, name: string, what: string): Promise<void> {
  const until = performance.now() + goneWaitMs;
  while ((await api.get(of, name)) !== null) {
    if (performance.now() > until) {
      throw new AppError(
        'upstream/unreachable',
        `${what} is still there after ${goneWaitMs / 1000} s. See what holds it: kubectl get -o yaml, status.conditions`,
      );
    }
    await sleep(250);
  }
}

function resourceOf({ apiVersion, kind, metadata }: Sent): KubeResource {
  if (!(kind in plurals)) throw new AppError('internal/bug', `an installation has no ${kind}. This is a bug`);
  const { group, resource } = plurals[kind as Kind];
  const version = apiVersion.split('/').at(-1) ?? apiVersion;
  return { group, version, resource, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
}

function nameOf({ kind, metadata }: { readonly kind: string; readonly metadata: KubeObject['metadata'] }): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

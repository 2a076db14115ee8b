import type { ApiNeed } from '../faults/cluster-tools.ts';
import { partOf } from './names.ts';
import type { Manifest } from './options.ts';

export type Verb = ApiNeed['verbs'][number];

/** One line of a role. No wildcard is possible: `resources` are named one by one. */
export interface Rule {
  readonly apiGroups: readonly [string];
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
  readonly resourceNames?: readonly string[];
}

export function rule(group: string, resources: readonly string[], verbs: readonly Verb[], names?: readonly string[]): Rule {
  return { apiGroups: [group], resources, verbs, ...(names === undefined ? {} : { resourceNames: names }) };
}

/** What faults need in one scope, one rule per resource, in a stable order. */
export function rulesOf(needs: readonly ApiNeed[], scope: ApiNeed['scope']): readonly Rule[] {
  const verbs = new Map<string, { readonly need: ApiNeed; readonly verbs: Set<Verb> }>();
  for (const need of needs.filter((each) => each.scope === scope)) {
    const key = `${need.group}/${need.resource}`;
    const known = verbs.get(key) ?? { need, verbs: new Set<Verb>() };
    need.verbs.forEach((verb) => known.verbs.add(verb));
    verbs.set(key, known);
  }
  return [...verbs.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { need, verbs }]) => rule(need.group, [need.resource], [...verbs].sort()));
}

/** A role and who has it: in a namespace, or, for null, in the whole cluster. No rules, no role. */
export function granted(
  name: string,
  namespace: string | null,
  to: { readonly name: string; readonly namespace: string },
  rules: readonly Rule[],
): readonly Manifest[] {
  if (rules.length === 0) return [];
  const kind = namespace === null ? 'ClusterRole' : 'Role';
  const metadata = { name, ...(namespace === null ? {} : { namespace }), labels: partOf };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion, kind, metadata, rules },
    {
      apiVersion,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
      subjects: [{ kind: 'ServiceAccount', name: to.name, namespace: to.namespace }],
    },
  ];
}

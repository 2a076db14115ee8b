import type { ApiNeed } from '../faults/cluster-tools.ts';
import { confirmerRights } from './confirmations.ts';
import { names } from './names.ts';
import type { ConfigName, InstallOptions, Manifest } from './options.ts';
import { granted, rule, rulesOf } from './rbac.ts';
import type { Rule } from './rbac.ts';

const records = 'firedrill.dev';
const leases = 'coordination.k8s.io';

/** What any agent does with records: it reads what is wanted, answers in the status, and holds claims. */
const recordRules: readonly Rule[] = [
  // `create`: how an injection ended is said also when its record was taken away by force. `patch`: the finalizer.
  rule(records, ['injections'], ['create', 'get', 'list', 'patch', 'watch']),
  rule(records, ['injections/status'], ['patch']),
  rule(records, ['permits'], ['get', 'list', 'watch']),
  rule(leases, ['leases'], ['create', 'delete', 'get', 'list', 'patch', 'watch']),
  // The policy and the halt switch. `list` and `watch` cannot be bound to a name that is not there yet.
  rule('', ['configmaps'], ['get', 'list', 'watch']),
];

/** `delete`: claims and journals are kept one by one; `deletecollection` is nobody's. */
const journalRules: readonly Rule[] = [rule('', ['secrets'], ['create', 'get', 'list', 'patch'])];

/** In all namespaces: what is claimed may be claimed by another installation, whose claims are beside its own records. */
const otherClaimsRules: readonly Rule[] = [rule(leases, ['leases'], ['list'])];

const podRules: readonly Rule[] = [rule('', ['pods'], ['get'])];

/** Who may do what where. In each namespace that may be acted in, a role of its own: no change is granted for all of them. */
export function rights(options: InstallOptions, nodesNamespace: string): readonly Manifest[] {
  const { namespace, namespaces, nodes, apiFaultsOnly } = options;
  // What is for the whole cluster is for nodes.
  const needs = Object.values(options.needs)
    .flat()
    .filter(({ scope }) => scope === 'namespace' || nodes.length > 0);
  // Two installations in one cluster have roles of their own in the same namespaces.
  const role = { cluster: `${namespace}-cluster-agent`, node: `${namespace}-node-agent`, worker: `${namespace}-worker` };
  const clusterAgent = { name: names.clusterAgent, namespace };
  const nodeAgent = { name: names.nodeAgent, namespace: nodesNamespace };
  const worker = { name: names.worker, namespace };
  return [
    ...granted(role.cluster, namespace, clusterAgent, [...recordRules, ...journalRules]),
    ...granted(role.cluster, null, clusterAgent, [...otherClaimsRules, ...rulesOf(needs, 'cluster')]),
    ...granted(role.worker, namespace, worker, workerRecordRules),
    ...confirmerRights(namespace),
    ...granted(role.worker, null, worker, [rule('', ['nodes'], ['get', 'list']), ...workerNodeRules(needs)]),
    ...options.configs
      .filter(({ namespace, resource }) => namespaces.includes(namespace) && changes(needs, resource))
      .flatMap((config) => workerConfigRight(config, role.worker, worker)),
    ...(!apiFaultsOnly || keepsLifelines(needs) ? lifelineRights(`${role.worker}-lifelines`, worker) : []),
    ...namespaces.flatMap((each) => [
      ...granted(role.cluster, each, clusterAgent, merged([...podRules, ...rulesOf(needs, 'namespace')])),
      ...granted(role.worker, each, worker, workerTargetRules),
      ...(apiFaultsOnly ? [] : granted(role.node, each, nodeAgent, podRules)),
    ]),
    ...(apiFaultsOnly
      ? []
      : [
          // Whether a node is there and ready decides whether its agent is waited for.
          ...granted(`${role.cluster}-nodes`, null, clusterAgent, [rule('', ['nodes'], ['get'])]),
          ...granted(role.cluster, nodesNamespace, clusterAgent, [
            rule('', ['pods'], ['create', 'delete', 'get', 'list', 'watch']),
            ...journalRules,
          ]),
          ...granted(role.node, namespace, nodeAgent, recordRules),
          ...granted(role.node, null, nodeAgent, otherClaimsRules),
          ...granted(role.node, nodesNamespace, nodeAgent, journalRules),
        ]),
  ];
}

/** The worker reads the cluster, and writes permits and injections: it can break nothing by itself. */
const workerRecordRules: readonly Rule[] = [
  rule(records, ['injections'], ['create', 'get', 'list', 'watch']),
  rule(records, ['permits'], ['create', 'get', 'list', 'patch', 'watch']),
  rule(leases, ['leases'], ['get', 'list', 'watch']),
  rule('', ['configmaps'], ['get', 'list', 'watch']),
];

const workerTargetRules: readonly Rule[] = [
  rule('', ['pods', 'services'], ['get', 'list']),
  rule('', ['persistentvolumeclaims', 'endpoints'], ['get', 'list']),
  rule('apps', ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], ['get', 'list']),
  rule('discovery.k8s.io', ['endpointslices'], ['get', 'list']),
  rule('policy', ['poddisruptionbudgets'], ['get', 'list']),
];

/** What else runs on a node is looked at before anything is done to it: in every namespace, for it runs there whatever its namespace. */
export function workerNodeRules(needs: readonly ApiNeed[]): readonly Rule[] {
  return changes(needs, 'nodes') ? [rule('', ['pods'], ['list'])] : [];
}

/** Its UID is what a plan names it by: its metadata is asked for, and no role can grant less than `get`. */
export function workerConfigRight(
  { namespace, resource, name }: ConfigName,
  role: string,
  worker: { readonly name: string; readonly namespace: string },
): readonly Manifest[] {
  return granted(`${role}-${resource}-${name}`, namespace, worker, [rule('', [resource], ['get'], [name])]);
}

/** The way to the API server and to DNS, which are left out of every range of addresses that a fault cuts. */
const lifelines = [
  { namespace: 'default', service: 'kubernetes' },
  { namespace: 'kube-system', service: 'kube-dns' },
].map(({ namespace, service }) => ({
  namespace,
  rules: [rule('', ['services'], ['get'], [service]), rule('discovery.k8s.io', ['endpointslices'], ['list'])],
}));

/** Whether a fault of these needs cuts by policies, from which the way to them is left out. Those of nodes may all ask for it. */
export function keepsLifelines(needs: readonly ApiNeed[]): boolean {
  return needs.some(({ resource }) => resource === 'networkpolicies');
}

/** What the worker reads to find them. */
export function lifelineRights(role: string, worker: { readonly name: string; readonly namespace: string }): readonly Manifest[] {
  return lifelines.flatMap(({ namespace, rules }) => granted(role, namespace, worker, rules));
}

function changes(needs: readonly ApiNeed[], resource: string): boolean {
  return needs.some((need) => need.group === '' && need.resource === resource && need.verbs.includes('patch'));
}

/** One rule per resource, with the verbs of all that name it. */
function merged(rules: readonly Rule[]): readonly Rule[] {
  return rulesOf(
    rules.flatMap(({ apiGroups: [group], resources, verbs }) =>
      resources.map((resource) => ({ group, resource, verbs, scope: 'namespace' as const })),
    ),
    'namespace',
  );
}

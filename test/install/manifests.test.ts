import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { installationOf } from '../../src/compose/install.ts';
import type { InstallRequest } from '../../src/compose/install.ts';
import { metricNames } from '../../src/agent/agent-metrics.ts';
import { asYaml } from '../../src/install/manifests.ts';
import { alerts } from '../../src/install/monitoring.ts';
import type { Manifest } from '../../src/install/options.ts';
import type { Rule } from '../../src/install/rbac.ts';
import { partsOf, selectorsOf } from '../../src/probes/shared/promql.ts';
import { promql } from '../../src/spec/promql.ts';

const installed = (changes: Partial<InstallRequest> = {}): readonly Manifest[] =>
  installationOf({
    environment: 'staging',
    namespace: 'firedrill',
    namespaces: ['data', 'payments'],
    nodes: [],
    image: 'images.example.com/firedrill-agent@sha256:0',
    pullSecret: null,
    faults: null,
    apiFaultsOnly: false,
    ...changes,
  });

const ofKind = (objects: readonly Manifest[], ...kinds: readonly string[]): readonly Manifest[] =>
  objects.filter(({ kind }) => kinds.includes(kind));
const rulesIn = (objects: readonly Manifest[]): readonly Rule[] =>
  ofKind(objects, 'Role', 'ClusterRole').flatMap(({ rules }) => rules as readonly Rule[]);
const named = (objects: readonly Manifest[], kind: string, name: string, namespace?: string): Manifest | undefined =>
  ofKind(objects, kind).find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
const verbsOn = (role: Manifest | undefined, resource: string): readonly string[] =>
  ((role?.['rules'] ?? []) as readonly Rule[]).flatMap(({ resources, verbs }) => (resources.includes(resource) ? verbs : []));

describe('an installation', () => {
  test('grants no wildcard, no role that was not made here, and nothing with which rights are made', () => {
    const objects = installed();
    for (const { apiGroups, resources, verbs } of rulesIn(objects)) {
      expect([...apiGroups, ...resources, ...verbs].join(' ')).not.toContain('*');
      expect(verbs).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(escalate|bind|impersonate)$/)]));
      expect(resources).not.toEqual(expect.arrayContaining([expect.stringMatching(/role|serviceaccounts|pods\/exec|webhook/)]));
    }
    for (const binding of ofKind(objects, 'RoleBinding', 'ClusterRoleBinding')) {
      const { kind, name } = binding['roleRef'] as { readonly kind: string; readonly name: string };
      expect(named(objects, kind, name, binding.metadata.namespace)).toBeDefined();
    }
  });

  test('lets faults act in the namespaces that were named, by a role in each, and in no other', () => {
    const killer = ofKind(installed({ faults: ['pod-kill'] }), 'Role').filter((role) => verbsOn(role, 'pods').includes('delete'));
    expect(killer.map(({ metadata }) => metadata.namespace).sort()).toEqual(['data', 'firedrill-nodes', 'payments']);
  });

  test("lets nobody list or watch a target's Secrets, which would tell every value of them, and watches what it can beside", () => {
    const roles = ofKind(installed(), 'Role').filter(({ metadata }) => metadata.namespace === 'payments');
    for (const role of roles)
      expect(verbsOn(role, 'secrets')).not.toEqual(expect.arrayContaining([expect.stringMatching(/list|watch/)]));
    const agent = named(roles, 'Role', 'firedrill-cluster-agent', 'payments');
    expect(verbsOn(agent, 'configmaps')).toEqual(['get', 'list', 'patch', 'watch']);
  });

  test('gives rights for the whole cluster only to what needs them there', () => {
    const verbs = (objects: readonly Manifest[]): readonly string[] =>
      ofKind(objects, 'ClusterRole').flatMap(({ rules }) =>
        (rules as readonly Rule[]).flatMap(({ resources, verbs }) => verbs.map((verb) => `${verb} ${resources.join()}`)),
      );
    expect(new Set(verbs(installed({ faults: ['pod-kill'] })))).toEqual(new Set(['get nodes', 'list nodes', 'list leases']));
    expect(verbs(installed({ faults: ['node-cordon'], nodes: ['w1'] }))).toContain('patch nodes');
  });

  test.each(['node-cordon', 'node-drain', 'node-taint', 'zone-evict'])(
    'lets %s change no node where none is allowed',
    (fault) => {
      const objects = installed({ faults: [fault], nodes: [] });
      const everywhere = rulesIn(ofKind(objects, 'ClusterRole')).flatMap(({ resources, verbs }) =>
        verbs.map((verb) => `${verb} ${resources.join()}`),
      );
      expect(new Set(everywhere)).toEqual(new Set(['get nodes', 'list nodes', 'list leases']));
    },
  );

  test('lets the worker read targets and write permits and injections, and nothing else', () => {
    const objects = installed();
    const roles = ofKind(objects, 'Role', 'ClusterRole').filter(({ metadata }) => metadata.name === 'firedrill-worker');
    const writes = rulesIn(roles).flatMap(({ resources, verbs }) =>
      verbs.filter((verb) => !['get', 'list', 'watch'].includes(verb)).map((verb) => `${verb} ${resources.join()}`),
    );
    expect(writes.sort()).toEqual(['create injections', 'create permits', 'patch permits']);
    expect(verbsOn(named(objects, 'Role', 'firedrill-worker', 'payments'), 'secrets')).toEqual([]);
  });

  test('lets the worker read those ConfigMaps and Secrets that the environment names, where a fault changes them', () => {
    const configs = [
      { namespace: 'payments', resource: 'secrets' as const, name: 'web-tls' },
      { namespace: 'payments', resource: 'configmaps' as const, name: 'settings' },
      { namespace: 'elsewhere', resource: 'secrets' as const, name: 'other' },
    ];
    const granted = (faults: readonly string[]): readonly string[] =>
      ofKind(installed({ configs, faults }), 'Role')
        .filter(({ metadata }) => metadata.name.startsWith('firedrill-worker-') && !metadata.name.endsWith('lifelines'))
        .flatMap(({ metadata, rules }) =>
          (rules as readonly Rule[]).map(
            ({ verbs, resources, resourceNames }) =>
              `${verbs.join()} ${resources.join()} ${resourceNames?.join()} in ${metadata.namespace}`,
          ),
        );
    expect(granted(['config-drift'])).toEqual(['get secrets web-tls in payments', 'get configmaps settings in payments']);
    expect(granted(['certificate-expiry'])).toEqual(['get secrets web-tls in payments']);
    expect(granted(['pod-kill', 'pool-exhaustion'])).toEqual([]);
  });

  test('lets the worker see what else runs on nodes only where a fault acts on nodes', () => {
    const seesAll = (faults: readonly string[]): boolean =>
      verbsOn(named(installed({ faults, nodes: ['w1'] }), 'ClusterRole', 'firedrill-worker'), 'pods').includes('list');
    expect([seesAll(['node-drain']), seesAll(['node-cordon']), seesAll(['pod-kill'])]).toEqual([true, true, false]);
  });

  test('lets the worker find the API server and DNS, which no range of addresses takes in, and nothing else there', () => {
    const rules = (objects: readonly Manifest[], namespace: string): unknown =>
      named(objects, 'Role', 'firedrill-worker-lifelines', namespace)?.['rules'];
    const slices = { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] };
    const service = { apiGroups: [''], resources: ['services'], verbs: ['get'] };
    expect(rules(installed(), 'default')).toEqual([{ ...service, resourceNames: ['kubernetes'] }, slices]);
    expect(rules(installed(), 'kube-system')).toEqual([{ ...service, resourceNames: ['kube-dns'] }, slices]);
    expect(rules(installed({ apiFaultsOnly: true }), 'kube-system')).toEqual(rules(installed(), 'kube-system'));
    expect(rules(installed({ apiFaultsOnly: true, faults: ['pod-kill'] }), 'kube-system')).toBeUndefined();
  });

  test('has no privileged namespace, and nobody who makes pods but witnesses, where only faults of the API are wanted', () => {
    const objects = installed({ apiFaultsOnly: true });
    expect(ofKind(objects, 'Namespace').map(({ metadata }) => metadata.name)).toEqual(['firedrill']);
    const yaml = asYaml(objects.filter(({ kind }) => kind !== 'ValidatingAdmissionPolicy'));
    expect(yaml).not.toContain('firedrill-nodes');
    const makers = (faults: readonly string[] | null): readonly string[] =>
      ofKind(installed({ apiFaultsOnly: true, faults }), 'Role', 'ClusterRole').flatMap((role) =>
        verbsOn(role, 'pods').includes('create') ? [`${role.metadata.namespace}/${role.metadata.name}`] : [],
      );
    expect(makers(null)).toEqual(['data/firedrill-cluster-agent', 'payments/firedrill-cluster-agent']);
    expect(makers(['pod-kill', 'telemetry-loss'])).toEqual([]);
    const witnesses = named(objects, 'ValidatingAdmissionPolicy', 'firedrill-witness-pods')?.['spec'];
    expect(JSON.stringify(witnesses)).toContain('system:serviceaccount:firedrill:firedrill-cluster-agent');
    expect(JSON.stringify(witnesses)).toContain('"operator":"NotIn","values":["firedrill-nodes"]');
    expect(asYaml(objects)).not.toContain('cpu-stress');
  });

  test('lets agents call the API server, DNS and what they act on, and lets others read figures and no more', () => {
    const egress = (name: string, namespace: string, changes: Partial<InstallRequest> = {}): unknown =>
      named(installed(changes), 'NetworkPolicy', name, namespace)?.['spec'];
    const server = { ports: [443, 6443].map((port) => ({ port, protocol: 'TCP' })) };
    const dns = { ports: ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol })) };
    const targets = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['data', 'payments'] }] };
    expect(egress('firedrill-cluster-agent', 'firedrill')).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'firedrill-cluster-agent' } },
      ingress: [{ ports: [{ port: 8086, protocol: 'TCP' }] }],
      egress: [server, dns, { to: [{ namespaceSelector: targets }] }],
    });
    expect(egress('firedrill-cluster-agent', 'firedrill', { namespaces: [] })).toMatchObject({ egress: [server, dns] });
    expect(egress('firedrill-node-agent', 'firedrill-nodes')).toEqual({
      policyTypes: ['Ingress', 'Egress'],
      podSelector: {},
      ingress: [],
      egress: [server, dns],
    });
  });

  test('has a ServiceMonitor and rules only where the Prometheus operator is', () => {
    const kinds = (monitoring: boolean): readonly string[] =>
      ofKind(installed({ monitoring }), 'Service', 'ServiceMonitor', 'PrometheusRule').map(({ kind }) => kind);
    expect(kinds(true)).toEqual(['Service', 'ServiceMonitor', 'PrometheusRule']);
    expect(kinds(false)).toEqual([]);
  });

  test.each(alerts)('alerts by $alert with an expression over metrics that agents have, of this installation', ({ expr }) => {
    const text = expr('namespace="firedrill"');
    expect(promql.safeParse(text).success).toBe(true);
    for (const selector of selectorsOf(text)) {
      const { metric, labels } = partsOf(selector);
      expect(Object.values<string | null>(metricNames)).toContain(metric);
      expect(labels).toContain('namespace');
    }
  });

  describe('has rules of the API server', () => {
    interface Policy {
      readonly failurePolicy: string;
      readonly matchConditions?: readonly { readonly expression: string }[];
      readonly validations: readonly { readonly expression: string; readonly reason: string }[];
    }
    const policy = (name: string, changes: Partial<InstallRequest> = {}): Policy | undefined =>
      named(installed(changes), 'ValidatingAdmissionPolicy', name)?.['spec'] as Policy | undefined;
    const expressions = (...asked: Parameters<typeof policy>): string =>
      policy(...asked)
        ?.validations.map(({ expression }) => expression)
        .join('\n') ?? '';

    test('that deny, also what they cannot judge', () => {
      const objects = installed();
      const policies = ofKind(objects, 'ValidatingAdmissionPolicy');
      expect(policies).toHaveLength(10);
      for (const { metadata, spec } of policies) {
        const { failurePolicy, validations } = spec as Policy;
        const reason = metadata.name === 'firedrill-reverts' ? /^Fail(,Invalid)+$/ : /^Fail(,Forbidden)+$/;
        expect([failurePolicy, ...validations.map((each) => each.reason)].join()).toMatch(reason);
        const binding = named(objects, 'ValidatingAdmissionPolicyBinding', metadata.name)?.['spec'];
        expect(binding).toMatchObject({ policyName: metadata.name, validationActions: ['Deny'] });
      }
    });

    test('for whoever has the token of an agent of a node, and of the worker', () => {
      const users = ['records', 'leases', 'journals'].map((each) => policy(`firedrill-node-agent-${each}`)?.matchConditions);
      const nodeAgent = 'request.userInfo.username == "system:serviceaccount:firedrill-nodes:firedrill-node-agent"';
      expect(users).toEqual(users.map(() => [{ name: 'user', expression: nodeAgent }]));
      const worker = 'request.userInfo.username == "system:serviceaccount:firedrill:firedrill-worker"';
      expect(policy('firedrill-worker')?.matchConditions).toEqual([{ name: 'user', expression: worker }]);
    });

    test('for everybody who confirms: the right is of a role that nobody has', () => {
      const objects = installed();
      expect(policy('firedrill-confirmations')?.matchConditions).toBeUndefined();
      expect(expressions('firedrill-confirmations')).toContain('.subresource("confirmations")');
      const role = named(objects, 'Role', 'firedrill-confirmer', 'firedrill');
      expect(verbsOn(role, 'injections/confirmations')).toEqual(['create']);
      expect(verbsOn(role, 'injections')).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(create|update|delete)$/)]),
      );
      const others = ofKind(objects, 'Role', 'ClusterRole').filter((each) => each !== role);
      expect(others.flatMap((each) => verbsOn(each, 'injections/confirmations'))).toEqual([]);
      const bound = ofKind(objects, 'RoleBinding', 'ClusterRoleBinding').map(({ roleRef }) => (roleRef as { name: string }).name);
      expect(bound).not.toContain('firedrill-confirmer');
    });

    test('that name what may be acted on, and the image and rights of a node agent, as it was installed', () => {
      expect(expressions('firedrill-worker', { nodes: ['w4', 'spot-*'] })).toContain('in ["data","payments"]');
      expect(expressions('firedrill-worker', { nodes: ['w4', 'spot-*'] })).toContain('["w4","spot-*"].exists(');
      expect(expressions('firedrill-node-agent-pods')).toContain('c.image == "images.example.com/firedrill-agent@sha256:0"');
      expect(expressions('firedrill-node-agent-pods')).toContain('["SYS_ADMIN","NET_ADMIN","SYS_PTRACE","SETGID","KILL"]');
      expect(policy('firedrill-node-agent-pods')?.matchConditions).toBeUndefined();
    });

    test('that keep what reverts need from going, asked of each injection of the installation', () => {
      const binding = named(installed(), 'ValidatingAdmissionPolicyBinding', 'firedrill-reverts')?.['spec'];
      expect(binding).toMatchObject({ paramRef: { namespace: 'firedrill', selector: {}, parameterNotFoundAction: 'Allow' } });
      const others = ofKind(installed(), 'ValidatingAdmissionPolicyBinding').filter(({ spec }) => 'paramRef' in (spec as object));
      expect(others).toHaveLength(1);
    });

    test('of the worker, of people, of reverts and of witnesses alone where there are no node agents', () => {
      const policies = ofKind(installed({ apiFaultsOnly: true }), 'ValidatingAdmissionPolicy');
      expect(policies.map(({ metadata }) => metadata.name)).toEqual([
        'firedrill-worker',
        'firedrill-confirmations',
        'firedrill-reverts',
        'firedrill-witness-pods',
        'firedrill-pods-as-they-run',
        'firedrill-cut-policies',
      ]);
    });
  });

  test('refuses a fault that no agent of it has, and a namespace that nothing opens', () => {
    expect(() => installed({ faults: ['meteor'] })).toThrow(/no agent of this installation has meteor/);
    expect(() => installed({ faults: ['cpu-stress'], apiFaultsOnly: true })).toThrow(/has cpu-stress/);
    expect(() => installed({ namespaces: ['kube-system'] })).toThrow(/nothing opens kube-system/);
    expect(() => installed({ namespaces: ['firedrill-nodes'] })).toThrow(/nothing opens firedrill-nodes/);
  });

  test('prints what it would apply', () => {
    const objects = installed();
    expect(parseAllDocuments(asYaml(objects)).map((document) => document.toJS() as unknown)).toEqual(
      JSON.parse(JSON.stringify(objects)),
    );
  });
});

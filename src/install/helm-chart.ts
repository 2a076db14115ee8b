import { stringify } from 'yaml';
import type { ApiNeed } from '../faults/cluster-tools.ts';
import { asYaml, manifests } from './manifests.ts';
import { monitoringGroup } from './monitoring.ts';
import { instanceLabel, names } from './names.ts';
import type { InstallOptions, Manifest } from './options.ts';
import { granted, rulesOf } from './rbac.ts';
import { keepsLifelines, lifelineRights, workerConfigRight, workerNodeRules } from './rights.ts';

/** Stand-ins in the manifests for what a chart's values say. No name in a cluster has capitals. */
const stand = {
  namespace: 'NAMESPACE',
  target: 'TARGET',
  node: 'NODE',
  image: 'IMAGE',
  pullSecret: 'PULL-SECRET',
  config: 'CONFIG',
} as const;
const policyHash =
  '{{ list .Values.environment .Values.faults .Values.namespaces .Values.nodes | toJson | sha256sum | trunc 16 }}';

const workerAccount = { name: names.worker, namespace: stand.namespace };

export interface ChartOptions {
  readonly version: string;
  readonly apiFaults: Readonly<Record<string, readonly ApiNeed[]>>;
  readonly nodeFaults: Readonly<Record<string, readonly ApiNeed[]>>;
  readonly customResources: InstallOptions['customResources'];
}

/** The files of the chart by their path in it: the same objects as `firedrill install`, with values where that has options. */
export function helmChart({ version, apiFaults, nodeFaults, customResources }: ChartOptions): Readonly<Record<string, string>> {
  const options: InstallOptions = {
    namespace: stand.namespace,
    namespaces: [stand.target],
    nodes: [stand.node],
    configs: [],
    image: stand.image,
    pullSecret: stand.pullSecret,
    apiFaultsOnly: false,
    monitoring: false,
    needs: {},
    policy: {},
    customResources: [],
  };
  const forOperator = manifests({ ...options, monitoring: true }).slice(manifests(options).length);
  const objects = manifests(options).filter(({ kind }) => kind !== 'ConfigMap');
  const keysWithoutNodes = new Set(manifests({ ...options, apiFaultsOnly: true }).map(keyOf));
  const inTarget = ({ metadata }: Manifest): boolean => metadata.namespace === stand.target;
  const always = objects.filter((each) => keysWithoutNodes.has(keyOf(each)));
  const forNodes = objects.filter((each) => !keysWithoutNodes.has(keyOf(each)));
  const template = (part: readonly Manifest[]): string =>
    templated(part.filter((each) => !inTarget(each))) + perTarget(templated(part.filter(inTarget), '$'));
  const faultRights = Object.entries({ ...apiFaults, ...nodeFaults }).map(([fault, needs]) =>
    rightsOf(fault, needs, fault in nodeFaults),
  );

  return {
    'Chart.yaml': stringify({
      apiVersion: 'v2',
      name: 'firedrill',
      type: 'application',
      version,
      appVersion: version,
      description,
    }),
    'values.yaml': valuesOf(Object.keys(apiFaults), Object.keys(nodeFaults)),
    'crds/records.yaml': asYaml(customResources),
    'templates/agents.yaml': template(always),
    'templates/policy.yaml': policy,
    'templates/node-agents.yaml': unless(template(forNodes)),
    'templates/faults.yaml': faultRights.join(''),
    'templates/monitoring.yaml': `{{- if .Capabilities.APIVersions.Has ${JSON.stringify(monitoringGroup)} }}\n${templated(forOperator)}{{- end }}\n`,
    'templates/configs.yaml': configRights(),
  };
}

const description = 'Agents of Firedrill: chaos experiments and game days that always end';

/** A fault's rights, where the fault is among the values. */
function rightsOf(fault: string, needs: readonly ApiNeed[], ofNodes: boolean): string {
  const name = `${stand.namespace}-cluster-agent-${fault}`;
  const agent = { name: names.clusterAgent, namespace: stand.namespace };
  const worker = granted(`${stand.namespace}-worker-${fault}`, null, workerAccount, workerNodeRules(needs));
  const cluster = [...granted(name, null, agent, rulesOf(needs, 'cluster')), ...worker].map(labelled);
  const target = granted(name, stand.target, agent, rulesOf(needs, 'namespace')).map(labelled);
  const lifelines = keepsLifelines(needs)
    ? lifelineRights(`${stand.namespace}-worker-${fault}`, workerAccount).map(labelled)
    : [];
  if (cluster.length + target.length + lifelines.length === 0) return '';
  const list = ofNodes ? 'node' : 'api';
  const onNodes = cluster.length === 0 ? '' : `{{- if .Values.nodes }}\n${templated(cluster)}{{- end }}\n`;
  const body = `${templated(lifelines)}${onNodes}${target.length === 0 ? '' : perTarget(templated(target, '$'))}`;
  const rights = `{{- if has ${JSON.stringify(fault)} .Values.faults.${list} }}\n${body}{{- end }}\n`;
  return ofNodes ? unless(rights) : rights;
}

/** What the worker may read of each ConfigMap and Secret that the values name. */
function configRights(): string {
  const config = { namespace: stand.target, resource: 'secrets' as const, name: stand.config };
  const right = workerConfigRight(config, `${stand.namespace}-worker`, workerAccount).map(labelled);
  const body = templated(right, '$')
    .replaceAll('{{ . }}', '{{ .namespace }}')
    .replaceAll('secrets', '{{ .resource }}')
    .replaceAll(stand.config, '{{ .name }}');
  return `{{- range .Values.configs }}\n${body}{{- end }}\n`;
}

function labelled(each: Manifest): Manifest {
  return { ...each, metadata: { ...each.metadata, labels: { ...each.metadata.labels, [instanceLabel]: stand.namespace } } };
}

const policy = `apiVersion: v1
kind: ConfigMap
metadata:
  name: firedrill-policy
  namespace: {{ .Values.namespace }}
  labels:
    app.kubernetes.io/part-of: firedrill
    ${instanceLabel}: {{ .Values.namespace }}
data:
  policy.yaml: |
    environment: {{ required "environment: the name in your environment file" .Values.environment | toJson }}
    allowFaults: {{ ternary .Values.faults.api (concat .Values.faults.api .Values.faults.node) .Values.apiFaultsOnly | toJson }}
    allowNamespaces: {{ .Values.namespaces | toJson }}
    allowNodes: {{ .Values.nodes | toJson }}
`;

function valuesOf(api: readonly string[], node: readonly string[]): string {
  return `# The name in your environment file.
environment: ''
# Of records and of the cluster's agent; node agents have \`<namespace>-nodes\` beside it.
namespace: firedrill
# By digest.
image: ''
# A Secret in both namespaces with which the image is pulled.
pullSecret: ''
# Namespaces that faults may act in.
namespaces: []
# ConfigMaps and Secrets that faults may change, as the environment file names them: the worker may get these, and no other.
# For instance: { namespace: payments, resource: secrets, name: web-tls }, or resource: configmaps.
configs: []
# Nodes that node faults may act on, by name or as prefix*.
nodes: []
# No privileged namespace, no agents on nodes.
apiFaultsOnly: false
# Take out what is not wanted: its rights go with it.
${stringify({ faults: { api, node } })}`;
}

/** \`$\` is the root where a range has moved the dot. */
function templated(objects: readonly Manifest[], root = ''): string {
  const value = (name: string): string => `{{ ${root}.Values.${name} }}`;
  const required = `{{ required "image: by digest" ${root}.Values.image }}`;
  const withSecret = (lines: string): string =>
    `{{- with ${root}.Values.pullSecret }}\n${lines.replace(stand.pullSecret, '{{ . }}')}{{- end }}\n`;
  return asYaml(objects)
    .replace(/^ *imagePullSecrets:\n *- name: PULL-SECRET\n/gm, withSecret)
    .replace(/^ *- --node-agent-pull-secret\n *- PULL-SECRET\n/gm, (lines) => unless(withSecret(lines)))
    .replace(/^ *- --node-agent-image\n *- IMAGE\n/gm, (lines) => unless(lines))
    .replace(/firedrill\.dev\/policy: .*/g, `firedrill.dev/policy: '${policyHash}'`)
    .replace(/^ *- to:\n(?: .*\n)*? *- TARGET\n/gm, (lines) => {
      const listed = lines.replace(/\n *- TARGET\n/, ' {{ toJson . }}\n');
      return `{{- with ${root}.Values.namespaces }}\n${listed}{{- end }}\n`;
    })
    .replaceAll(JSON.stringify([stand.target]), `{{ ${root}.Values.namespaces | toJson }}`)
    .replaceAll(JSON.stringify([stand.node]), `{{ ${root}.Values.nodes | toJson }}`)
    .replaceAll(stand.namespace, value('namespace'))
    .replaceAll(stand.image, required)
    .replaceAll(stand.target, '{{ . }}');
}

function unless(text: string): string {
  return `{{- if not .Values.apiFaultsOnly }}\n${text}{{- end }}\n`;
}

function perTarget(text: string): string {
  return `{{- range .Values.namespaces }}\n${text}{{- end }}\n`;
}

function keyOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

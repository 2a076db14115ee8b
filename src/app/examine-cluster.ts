import { AppError } from '../domain/errors.ts';
import type { Check } from './examine-environment.ts';
import type { KubeApi, KubeResource } from '../ports/kubernetes.ts';

const withinMs = 5_000;
const recordKinds = ['injections', 'permits'] as const;
/** Of our formats. */
const recordVersion = 'v1';

export interface ClusterInUse {
  readonly api: KubeApi;
  /** Where records and agents are. */
  readonly namespace: string;
  /** Where the environment's services are. */
  readonly targetNamespaces: readonly string[];
}

/** Whether a run of this user may do here all it has to. Reads only, but for reviews, which store nothing. */
export function clusterChecks({ api, namespace, targetNamespaces }: ClusterInUse): readonly Check[] {
  return [
    { what: 'API server', look: async () => `${api.server}, Kubernetes ${await versionOf(api)}` },
    { what: 'records', look: () => recordsOf(api) },
    { what: 'rights', look: () => rightsOf(api, wanted(namespace, targetNamespaces)) },
  ];
}

async function versionOf(api: KubeApi): Promise<string> {
  const answer = await api.request({ method: 'GET', path: '/version', timeoutMs: withinMs });
  const { gitVersion } = (answer.ok ? answer.object : {}) as { gitVersion?: unknown };
  if (typeof gitVersion === 'string') return gitVersion;
  throw new AppError('upstream/refused', `${api.server} does not say its version. Check that it is a Kubernetes API server`);
}

/** As discovery tells it, which everybody may ask. */
async function recordsOf(api: KubeApi): Promise<string> {
  const path = `/apis/firedrill.dev/${recordVersion}`;
  const answer = await api.request({ method: 'GET', path, timeoutMs: withinMs });
  const { resources = [] } = (answer.ok ? answer.object : {}) as { resources?: readonly { readonly name: string }[] };
  const missing = recordKinds.filter((kind) => !resources.some(({ name }) => name === kind));
  if (missing.length === 0) return `${recordKinds.join(' and ')}, ${recordVersion}`;
  const known = await api.request({ method: 'GET', path: '/apis/firedrill.dev', timeoutMs: withinMs });
  const { versions = [] } = (known.ok ? known.object : {}) as { versions?: readonly { readonly version: string }[] };
  const there = versions.length === 0 ? '' : `; it has ${versions.map(({ version }) => version).join(', ')}`;
  throw new AppError(
    'guard/blocked',
    `the cluster does not know ${missing.map((kind) => `${kind}.firedrill.dev/${recordVersion}`).join(', ')}${there}. Run \`firedrill install\``,
  );
}

interface Right {
  readonly verb: string;
  readonly of: KubeResource;
}

async function rightsOf(api: KubeApi, rights: readonly Right[]): Promise<string> {
  const denied: Right[] = [];
  // One after the other: at once, each would open a connection of its own.
  for (const right of rights) if (!(await isAllowed(api, right))) denied.push(right);
  if (denied.length === 0) return `${rights.length} asked for, all granted`;
  const words = denied.map(({ verb, of }) => `${verb} ${of.resource}${of.namespace === undefined ? '' : ` in ${of.namespace}`}`);
  throw new AppError(
    'cluster/forbidden',
    `you may not ${words.join(', ')}. Ask whoever runs the cluster for the role of Firedrill's worker (\`firedrill install\` makes it)`,
  );
}

async function isAllowed(api: KubeApi, { verb, of }: Right): Promise<boolean> {
  const { group, resource, namespace } = of;
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const body = { spec: { resourceAttributes: { verb, group, resource, ...(namespace === undefined ? {} : { namespace }) } } };
  const answer = await api.request({ method: 'POST', path, body, timeoutMs: withinMs });
  const { status } = (answer.ok ? answer.object : {}) as { status?: { readonly allowed?: boolean } };
  return status?.allowed === true;
}

/** What planning reads, and what a run writes. */
function wanted(records: string, namespaces: readonly string[]): readonly Right[] {
  const of = (group: string, resource: string, namespace?: string): KubeResource => ({
    group,
    version: 'v1',
    resource,
    ...(namespace === undefined ? {} : { namespace }),
  });
  const all = (verbs: readonly string[], on: KubeResource): Right[] => verbs.map((verb) => ({ verb, of: on }));
  return [
    ...all(['create', 'list', 'watch'], of('firedrill.dev', 'injections', records)),
    ...all(['create', 'list', 'patch', 'watch'], of('firedrill.dev', 'permits', records)),
    ...all(['list', 'watch'], of('coordination.k8s.io', 'leases', records)),
    ...all(['list', 'watch'], of('', 'configmaps', records)),
    ...all(['list'], of('', 'nodes')),
    ...namespaces.flatMap((namespace) => [
      ...all(['list'], of('', 'pods', namespace)),
      ...all(['get'], of('', 'services', namespace)),
      ...all(['list'], of('apps', 'replicasets', namespace)),
      ...['deployments', 'statefulsets', 'daemonsets'].flatMap((kind) => all(['get'], of('apps', kind, namespace))),
      ...all(['list'], of('policy', 'poddisruptionbudgets', namespace)),
      ...all(['list'], of('discovery.k8s.io', 'endpointslices', namespace)),
    ]),
  ];
}

import { createKubeApi } from '../../src/adapters/kubernetes/api.ts';
import { customResources } from '../../src/adapters/kubernetes/crd.ts';
import { kubeconfigAccess } from '../../src/adapters/kubernetes/kubeconfig.ts';
import { recordResources } from '../../src/adapters/kubernetes/record-names.ts';
import { adminKubeconfig } from '../../lab/kubernetes/layout.ts';
import type { KubeApi } from '../../src/ports/kubernetes.ts';
import { until } from '../agent/until.ts';

const namespaces = { group: '', version: 'v1', resource: 'namespaces' };
const definitions = { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions' };

/** The lab's API server, as its administrator. */
export async function labApi(): Promise<KubeApi> {
  return createKubeApi(await kubeconfigAccess({ file: adminKubeconfig() }));
}

/** Server-side apply of what records are made of; resolves when the server takes and lists them. */
export async function applyRecordKinds(api: KubeApi): Promise<void> {
  for (const [plural, body] of Object.entries(customResources)) {
    const applied = await api.patch(definitions, `${plural}.firedrill.dev`, { type: 'apply', body });
    if (!applied.ok) throw new Error(applied.message);
  }
  const { injections, permits } = recordResources('default');
  for (const kind of [injections, permits])
    await until(
      () => api.list(kind).catch(() => null),
      (list) => list !== null,
    );
}

export async function makeNamespace(api: KubeApi, name: string): Promise<void> {
  const made = await api.create(namespaces, { metadata: { name } });
  if (!made.ok) throw new Error(made.message);
}

/** With every record in it, also those that an agent should have let go. */
export async function removeNamespace(api: KubeApi, name: string): Promise<void> {
  await api.delete(namespaces, name);
  const { injections } = recordResources(name);
  const gone = async (): Promise<boolean> => {
    // Where the last installation was taken out, there is no such kind; where the server is busy, it is asked again.
    const items = await api.list(injections).then(
      (list) => list.items,
      () => [],
    );
    const body = { metadata: { finalizers: null } };
    for (const { metadata } of items) await api.patch(injections, metadata.name, { type: 'merge', body });
    return (await api.get(namespaces, name)) === null;
  };
  await until(
    () => gone().catch(() => false),
    (done) => done,
    60_000,
  );
}

import { createKubeApi } from '../../../src/adapters/kubernetes/api.ts';
import { kubeconfigAccess } from '../../../src/adapters/kubernetes/kubeconfig.ts';
import { installationOf } from '../../../src/compose/install.ts';
import { asYaml } from '../../../src/install/manifests.ts';
import { names } from '../../../src/install/names.ts';
import type { Manifest } from '../../../src/install/options.ts';
import type { KubeApi } from '../../../src/ports/kubernetes.ts';
import { imageReference } from '../../../lab/kubernetes/image-builder/recipe.ts';
import { applyManifests, kubectl } from '../../../lab/kubernetes/kubectl.ts';
import { adminKubeconfig } from '../../../lab/kubernetes/layout.ts';

export interface AgentsRights {
  /** The API as the cluster's agent of an installation for this one fault may use it. */
  readonly api: KubeApi;
  remove(): Promise<void>;
}

/** What an installation with `--api-faults-only` lets its cluster agent do in a namespace, and what the API server denies it; no agent. */
export async function agentsRights(namespace: string, fault: string): Promise<AgentsRights> {
  const home = `${namespace}-agents`;
  const held = ['witness-pods', 'pods-as-they-run', 'cut-policies'].map((name) => `${home}-${name}`);
  const objects = installationOf({
    environment: 'lab',
    namespace: home,
    namespaces: [namespace],
    nodes: [],
    image: imageReference('agent'),
    pullSecret: null,
    faults: [fault],
    apiFaultsOnly: true,
  });
  const isWanted = ({ kind, metadata }: Manifest): boolean =>
    kind === 'Namespace' ||
    (kind === 'ServiceAccount' && metadata.name === names.clusterAgent) ||
    (kind.startsWith('Role') && metadata.namespace === namespace) ||
    (kind.startsWith('ValidatingAdmissionPolicy') && held.includes(metadata.name));
  const yaml = asYaml(objects.filter(isWanted));
  await applyManifests(yaml);
  const token = (await kubectl('-n', home, 'create', 'token', names.clusterAgent)).trim();
  const { server, ca, namespace: usual } = await kubeconfigAccess({ file: adminKubeconfig() });
  const headers = async () => ({ authorization: `Bearer ${token}` });
  const api = createKubeApi({ server, namespace: usual, headers, ...(ca === undefined ? {} : { ca }) });
  return {
    api,
    async remove() {
      api.close();
      for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy'])
        await kubectl('delete', kind, ...held, '--ignore-not-found');
      await kubectl('delete', 'namespace', home, '--wait=false');
    },
  };
}

import { parse, stringify } from 'yaml';
import { install, installationOf } from '../../src/compose/install.ts';
import { uninstall } from '../../src/compose/uninstall.ts';
import type { Manifest } from '../../src/install/options.ts';
import { names } from '../../src/install/names.ts';
import type { KubeApi } from '../../src/ports/kubernetes.ts';
import { imageReference } from '../../lab/kubernetes/image-builder/recipe.ts';
import { kubectl } from '../../lab/kubernetes/kubectl.ts';
import { until } from '../../lab/kubernetes/step.ts';

const oldGoneWithinMs = 60_000;

/** What policies and environment files of the bench are called after. */
export const environmentName = 'bench';

/** Agents as `firedrill install` makes them, but that leases may be as short as figures want them. */
export async function installAgents(
  api: KubeApi,
  { namespace, targets }: { readonly namespace: string; readonly targets: string },
): Promise<AsyncDisposable> {
  const objects = installationOf({
    environment: environmentName,
    namespace,
    namespaces: [targets],
    nodes: [],
    image: imageReference('agent'),
    pullSecret: null,
    faults: null,
    apiFaultsOnly: false,
  });
  const remove = async (): Promise<void> =>
    void (await uninstall(api, { namespace, force: true, by: 'the bench', timeoutMs: 60_000 }));
  try {
    await install(api, namespace, objects.map(withShortLeases));
    await agentsRolledOut(namespace);
  } catch (error) {
    await remove();
    throw error;
  }
  return { [Symbol.asyncDispose]: remove };
}

/** Resolves when every replica of the cluster's agent is a new one, and ready. */
export async function replaceAgents(namespace: string): Promise<void> {
  await kubectl('-n', namespace, 'rollout', 'restart', `deployment/${names.clusterAgent}`);
  await agentsRolledOut(namespace);
}

/** Also the old ones are gone: one of them may lead until its end. */
async function agentsRolledOut(namespace: string): Promise<void> {
  await kubectl('-n', namespace, 'rollout', 'status', `deployment/${names.clusterAgent}`, '--timeout=180s');
  await until(`the end of the agents in ${namespace} that were replaced`, oldGoneWithinMs, async () => {
    const ending = 'jsonpath={.items[*].metadata.deletionTimestamp}';
    return (await kubectl('-n', namespace, 'get', 'pods', '-o', ending)) === '' || null;
  });
}

function withShortLeases(object: Manifest): Manifest {
  if (object.metadata.name !== 'firedrill-policy') return object;
  const { 'policy.yaml': text } = object['data'] as { readonly 'policy.yaml': string };
  const policy = parse(text) as object;
  return { ...object, data: { 'policy.yaml': stringify({ ...policy, leaseSeconds: { min: 1, max: 60 } }) } };
}

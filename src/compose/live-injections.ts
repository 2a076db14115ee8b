import { journalIdOf, journalSelector } from '../adapters/kubernetes/journal.ts';
import { recordResources } from '../adapters/kubernetes/record-names.ts';
import { isTerminal } from '../domain/injection/records.ts';
import { nodeAgentsNamespace } from '../domain/plan/protected-namespaces.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { InjectionStore } from '../ports/injections.ts';
import type { KubeApi } from '../ports/kubernetes.ts';

/** Ids of injections that may be in effect, also where only an undo is left of their records, or that may yet be. */
export async function liveInjections(
  api: KubeApi,
  namespace: string,
  store: Pick<InjectionStore, 'readSpecs' | 'readStatuses'>,
): Promise<readonly string[]> {
  const statuses = new Map((await store.readStatuses()).map((status) => [status.id, status]));
  const specs = await store.readSpecs();
  const journals = await Promise.all([namespace, nodeAgentsNamespace(namespace)].map((each) => openJournals(api, each)));
  const ids = new Set([...specs.map(({ id }) => id), ...statuses.keys(), ...journals.flat()]);
  return [...ids].filter((id) => {
    const status = statuses.get(id);
    return status === undefined || isCorrupt(status) || !isTerminal(status.phase);
  });
}

async function openJournals(api: KubeApi, namespace: string): Promise<readonly string[]> {
  const { secrets } = recordResources(namespace);
  const { items } = await api.list(secrets, { labelSelector: journalSelector, metadataOnly: true });
  return items.map(({ metadata }) => journalIdOf(metadata.name));
}

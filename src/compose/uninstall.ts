import { setTimeout as sleep } from 'node:timers/promises';
import { pruneObjects, removeDefinition } from '../adapters/kubernetes/installation.ts';
import { createKubernetesStore } from '../adapters/kubernetes/injection-store.ts';
import { recordResources } from '../adapters/kubernetes/record-names.ts';
import { AppError } from '../domain/errors.ts';
import { instanceLabel } from '../install/names.ts';
import type { InjectionStore } from '../ports/injections.ts';
import { systemClock } from '../ports/clock.ts';
import type { KubeApi } from '../ports/kubernetes.ts';
import { liveInjections } from './live-injections.ts';

export interface UninstallRequest {
  readonly namespace: string;
  /** Halts and waits for the reverts, where it would else refuse. */
  readonly force: boolean;
  readonly by: string;
  readonly timeoutMs: number;
}

/**
 * Takes an installation away, once nothing of it is in effect. The kinds of records go with the last installation of the cluster.
 * What was taken away, by name. Errors: `guard/blocked` while something is in effect, those of the API.
 */
export async function uninstall(api: KubeApi, { namespace, force, by, timeoutMs }: UninstallRequest): Promise<readonly string[]> {
  const store = createKubernetesStore({ api, namespace, journalNamespace: namespace, scope: null, clock: systemClock });
  try {
    await nothingInEffect(api, store, { namespace, force, by, timeoutMs });
  } finally {
    store.close();
  }
  const gone = [...(await pruneObjects(api, `${instanceLabel}=${namespace},app.kubernetes.io/part-of=firedrill`, []))];
  if (await isOnlyOne(api, namespace)) {
    const { injections, permits } = recordResources(namespace);
    for (const [plural, { namespace: _own, ...everywhere }] of Object.entries({ injections, permits })) {
      const others = await api.list(everywhere, { metadataOnly: true });
      const definition = `${plural}.${everywhere.group}`;
      if (others.items.length > 0) continue;
      await removeDefinition(api, definition);
      gone.push(`CustomResourceDefinition ${definition}`);
    }
  }
  return gone;
}

/** Another installation needs the kinds of records, also while it has none. */
async function isOnlyOne(api: KubeApi, namespace: string): Promise<boolean> {
  const ofFiredrill = { labelSelector: 'app.kubernetes.io/part-of=firedrill', metadataOnly: true };
  const { items } = await api.list({ group: '', version: 'v1', resource: 'namespaces' }, ofFiredrill);
  return items.every(({ metadata }) => metadata.labels?.[instanceLabel] === namespace);
}

async function nothingInEffect(
  api: KubeApi,
  store: InjectionStore,
  { namespace, force, by, timeoutMs }: UninstallRequest,
): Promise<void> {
  let live = await liveInjections(api, namespace, store);
  if (live.length === 0) return;
  if (!force) {
    throw new AppError(
      'guard/blocked',
      `${live.length} injections have not ended: ${live.join(', ')}. Wait for their runs, or uninstall with --force, which reverts them`,
    );
  }
  await store.writeHalt({ by, why: 'firedrill uninstall --force', at: new Date().toISOString() });
  const until = performance.now() + timeoutMs;
  while (live.length > 0) {
    if (performance.now() > until) {
      throw new AppError(
        'fault/revert-failed',
        `${live.join(', ')} not reverted in ${timeoutMs / 1000} s; nothing is taken away, and the halt stays. ` +
          `Look at kubectl -n ${namespace} describe injections, then run again`,
      );
    }
    await sleep(250);
    live = await liveInjections(api, namespace, store);
  }
}

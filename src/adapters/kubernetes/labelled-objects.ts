import type { ObjectRef } from '../../faults/cluster-tools.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';
import { createWatched } from './watched.ts';
import type { Watched } from './watched.ts';

const quietMs = 5_000;
/** Longer than any agent leaves what it holds unlooked at. */
const idleMs = 15_000;

/** Objects that bear a label, as one watch per kind and namespace tells them. */
export interface LabelledObjects {
  /** null: none of that name bears it, as far as was heard. Errors: as `Watched.read`. */
  find(ref: ObjectRef, label: string): Promise<KubeObject | null>;
}

/** A watch begins with the first question, and ends when nobody asked for a while, or `signal` is aborted. */
export function createLabelledObjects(
  api: KubeApi,
  {
    resourceOf,
    signal,
    clock,
  }: { readonly resourceOf: (ref: ObjectRef) => KubeResource; readonly signal: AbortSignal; readonly clock: Clock },
): LabelledObjects {
  const watches = new Map<string, { readonly watched: Watched; readonly idle: NodeJS.Timeout }>();

  const end = (key: string): void => {
    const found = watches.get(key);
    watches.delete(key);
    clearTimeout(found?.idle);
    found?.watched.close();
  };
  signal.addEventListener('abort', () => [...watches.keys()].forEach(end), { once: true });

  return {
    async find(ref, label) {
      signal.throwIfAborted();
      const key = [ref.apiVersion, ref.resource, ref.namespace, label].join(' ');
      const { watched, idle } = watches.get(key) ?? {
        watched: createWatched(api, resourceOf(ref), { labelSelector: label, quietMs, clock }),
        idle: setTimeout(() => end(key), idleMs).unref(),
      };
      watches.set(key, { watched, idle });
      idle.refresh();
      return (await watched.read()).get(ref.name) ?? null;
    },
  };
}

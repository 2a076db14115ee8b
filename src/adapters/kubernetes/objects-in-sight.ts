import type { KubeObject } from '../../faults/cluster-tools.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeResource } from '../../ports/kubernetes.ts';
import { keys } from './record-names.ts';
import { createReflector } from './reflector.ts';
import { resourcePath } from './resource-path.ts';

/** A watch that has said nothing for this long is blind, and is made anew. */
const quietMs = 5_000;
/** One that nobody looks by any more is ended. */
const restMs = 30_000;

/** Objects that bear our mark, as they were read last. */
export interface ObjectsInSight {
  /** As it was read last, while a watch that lives shows that nothing of it has changed since; else as it is read now. */
  look<T extends KubeObject>(resource: KubeResource, name: string): Promise<T | null>;
}

interface Sight {
  /** Whether that is what the object is now. Never, while the watch is blind. */
  isStill(object: KubeObject): boolean;
  /** By name; what leaves the watch is forgotten. */
  readonly read: Map<string, KubeObject>;
  readonly rest: NodeJS.Timeout;
}

/**
 * One watch for each kind and namespace in which something of ours is looked at. It shows labels and versions, and no content: what
 * is new is read. It ends with `signal`.
 */
export function createObjectsInSight(api: KubeApi, { signal, clock }: { signal: AbortSignal; clock: Clock }): ObjectsInSight {
  const sights = new Map<string, Sight>();

  const open = (resource: KubeResource): Sight => {
    const selection = { labelSelector: keys.injection, metadataOnly: true };
    const reflector = createReflector(api, resource, { ...selection, quietMs, clock });
    const read = new Map<string, KubeObject>();
    reflector.onChange(({ before, after }) => after === null && read.delete(before?.metadata.name ?? ''));
    const close = (): void => {
      clearTimeout(rest);
      signal.removeEventListener('abort', close);
      reflector.close();
      sights.delete(resourcePath(resource));
    };
    const rest = setTimeout(close, restMs).unref();
    signal.addEventListener('abort', close);
    return {
      isStill: ({ metadata }) =>
        reflector.problem() === null &&
        reflector.ageMs() <= quietMs &&
        reflector.current().get(metadata.name)?.metadata.resourceVersion === metadata.resourceVersion,
      read,
      rest,
    };
  };

  return {
    async look<T extends KubeObject>(resource: KubeResource, name: string) {
      signal.throwIfAborted();
      const path = resourcePath(resource);
      const sight = sights.get(path) ?? open(resource);
      sights.set(path, sight);
      sight.rest.refresh();
      const last = sight.read.get(name);
      if (last !== undefined && sight.isStill(last)) return last as T;
      const found = await api.get<T>(resource, name, { signal });
      if (found?.metadata.labels?.[keys.injection] === undefined) sight.read.delete(name);
      else sight.read.set(name, found);
      return found;
    },
  };
}

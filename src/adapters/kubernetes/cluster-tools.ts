import { AppError } from '../../domain/errors.ts';
import type { ApiNeed, ClusterTools, KubeObject, ObjectRef } from '../../faults/cluster-tools.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeleteOptions, KubeApi, KubeResource, Refusal } from '../../ports/kubernetes.ts';
import { createObjectsInSight } from './objects-in-sight.ts';

export interface ClusterToolsOptions {
  /** Once it is aborted, nothing more is asked of the server, so that an agent that no longer leads changes nothing. */
  readonly signal: AbortSignal;
  /** What may be asked: what may be watched is, instead of being read again and again. */
  readonly needs: readonly ApiNeed[];
  readonly clock: Clock;
  /** What the agent runs. */
  readonly image: string;
}

/** The API as faults may use it. Errors: `upstream/refused`, and those of `KubeApi`. */
export function createClusterTools(api: KubeApi, { signal, needs, clock, image }: ClusterToolsOptions): ClusterTools {
  const inSight = createObjectsInSight(api, { signal, clock });
  const get = <T extends KubeObject>(ref: ObjectRef) => api.get<T>(resourceOf(ref), ref.name, { signal });
  const mayWatch = ({ group, resource }: KubeResource): boolean =>
    needs.some((need) => need.group === group && need.resource === resource && need.verbs.includes('watch'));

  const ended = (
    ref: ObjectRef,
    { uid, gracePeriodSeconds }: { readonly uid: string; readonly gracePeriodSeconds?: number },
  ): DeleteOptions => {
    signal.throwIfAborted();
    if (uid === '') throw new AppError('internal/bug', `${nameOf(ref)} would be deleted whoever it is. This is a bug`);
    return { uid, signal, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) };
  };

  return {
    image,
    get,
    look: <T extends KubeObject>(ref: ObjectRef) =>
      mayWatch(resourceOf(ref)) ? inSight.look<T>(resourceOf(ref), ref.name) : get<T>(ref),
    list: async <T extends KubeObject>(of: Omit<ObjectRef, 'name'>, query = {}) =>
      (await api.list<T>(resourceOf(of), { ...query, signal })).items,
    async create(of, body) {
      const answer = await api.create(resourceOf(of), body, { signal });
      if (answer.ok) return 'created';
      if (answer.status === 409 && answer.reason === 'AlreadyExists') return 'exists';
      throw refused(`a new one of ${of.resource}${inNamespace(of)}`, answer);
    },
    async patch(ref, steps) {
      const answer = await api.patch(resourceOf(ref), ref.name, { type: 'json', body: steps }, { signal });
      if (answer.ok) return 'patched';
      if (answer.status === 404) return 'gone';
      // A `test` that fails and a change that is not valid are both 422; only the latter is said of the object.
      if (answer.status === 422 && answer.message.includes('is invalid')) throw refused(nameOf(ref), answer);
      return 'conflict';
    },
    async delete(ref, options) {
      const answer = await api.delete(resourceOf(ref), ref.name, ended(ref, options));
      if (answer.ok) return 'deleted';
      return goneOrReplaced(ref, answer);
    },
    async evict(ref, options) {
      const { namespace, name } = ref;
      if (namespace === null) throw new AppError('internal/bug', `${nameOf(ref)} cannot be evicted. This is a bug`);
      const answer = await api.evict({ namespace, name }, ended(ref, options));
      if (answer.ok) return 'evicted';
      if (answer.status === 429) return { blocked: answer.message };
      return goneOrReplaced(ref, answer);
    },
  };
}

function goneOrReplaced(ref: ObjectRef, answer: Refusal): 'gone' | 'replaced' {
  if (answer.status === 404) return 'gone';
  if (answer.status === 409) return 'replaced';
  throw refused(nameOf(ref), answer);
}

function refused(what: string, { status, message }: Refusal): AppError {
  return new AppError(
    'upstream/refused',
    `the API server refused ${what} (${status}): ${message}. Look at the object, then run again`,
  );
}

function resourceOf({ apiVersion, resource, namespace }: Omit<ObjectRef, 'name'>): KubeResource {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { group: group ?? '', version: version ?? '', resource, ...(namespace === null ? {} : { namespace }) };
}

function nameOf(ref: ObjectRef): string {
  return `${ref.resource} ${ref.name}${inNamespace(ref)}`;
}

function inNamespace({ namespace }: { readonly namespace: string | null }): string {
  return namespace === null ? '' : ` in ${namespace}`;
}

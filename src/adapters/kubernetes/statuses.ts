import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../domain/errors.ts';
import { isTerminal } from '../../domain/injection/records.ts';
import type { InjectionStatus } from '../../domain/injection/records.ts';
import type { Json, JsonObject } from '../../domain/json.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { Read } from '../../ports/injections.ts';
import type { KubeApi, KubeResource } from '../../ports/kubernetes.ts';
import { keys, labelValue, objectName } from './record-names.ts';
import { statusFields, statusOf } from './record-objects.ts';

export interface Statuses {
  write(status: InjectionStatus): Promise<void>;
  /** As it is stored now. */
  read(id: string): Promise<Read<InjectionStatus> | null>;
  hasEnded(id: string): Promise<boolean>;
}

/** What an agent says, in the status of its injection. `labels`: of records that it has to make anew. */
export function createStatuses(api: KubeApi, injections: KubeResource, labels: Readonly<Record<string, string>>): Statuses {
  /** What is stored, as far as this process wrote or read it: only what differs is sent. */
  const stored = new Map<string, JsonObject>();

  const patch = (id: string, fields: JsonObject) => {
    const change = differences(stored.get(id) ?? {}, fields);
    return api.patch(injections, id, { type: 'merge', body: { status: change } }, { subresource: 'status' });
  };

  const hasEnded = async (id: string): Promise<boolean> => {
    const found = await api.get(injections, id);
    const status = found === null ? null : statusOf(found);
    return status !== null && !isCorrupt(status) && isTerminal(status.phase);
  };

  return {
    hasEnded,
    async write(status) {
      const id = objectName(status.id);
      const fields = statusFields(status);
      let patched = await patch(id, fields);
      if (!patched.ok && patched.status === 404) {
        // Its record was taken away by force. How it ends is said all the same, where people look for it.
        stored.delete(id);
        const metadata = { name: id, labels: { ...labels, [keys.run]: labelValue(status.runId) } };
        await api.create(injections, { apiVersion: `${injections.group}/${injections.version}`, kind: 'Injection', metadata });
        patched = await patch(id, fields);
      }
      // Another agent was first to say that it ended, and that is final.
      if (!patched.ok && !(patched.status === 422 && (await hasEnded(id)))) {
        throw new AppError('upstream/refused', `The status of "${id}" was not stored: ${patched.message}`);
      }
      if (isTerminal(status.phase)) stored.delete(id);
      else stored.set(id, fields);
    },
    async read(id) {
      const found = await api.get(injections, objectName(id));
      const status = found === null ? null : statusOf(found);
      stored.delete(id);
      if (status !== null && !isCorrupt(status)) stored.set(id, statusFields(status));
      return status;
    },
  };
}

/** As a merge patch: null takes a field away. */
function differences(from: JsonObject, to: JsonObject): JsonObject {
  const changed: Record<string, Json | undefined> = {};
  for (const name of Object.keys(from)) if (to[name] === undefined) changed[name] = null;
  for (const [name, value] of Object.entries(to)) if (!isDeepStrictEqual(from[name], value)) changed[name] = value;
  return changed;
}

import { AppError } from '../../domain/errors.ts';
import type { Halt } from '../../domain/injection/records.ts';
import type { KubeApi, KubeResource } from '../../ports/kubernetes.ts';
import { haltSchema } from '../records/schemas.ts';
import { haltName } from './record-names.ts';
import type { Watched } from './watched.ts';

export const haltSelector = `metadata.name=${haltName}`;

/** A ConfigMap whose being there is the halt: one `kubectl create configmap` sets it. */
export function createHalt(api: KubeApi, configMaps: KubeResource, watched: Watched) {
  return {
    async write({ by, why, at }: Halt): Promise<void> {
      const data = { by, why, at };
      const created = await api.create(configMaps, { metadata: { name: haltName }, data });
      if (created.ok) return;
      const patched = await api.patch(configMaps, haltName, { type: 'merge', body: { data } });
      if (!patched.ok) throw new AppError('upstream/unreachable', `The halt was not stored: ${patched.message}. Set it again`);
    },
    async lift(): Promise<void> {
      await api.delete(configMaps, haltName);
    },
    async read(): Promise<Halt | null> {
      const found = (await watched.read()).get(haltName);
      if (found === undefined) return null;
      const parsed = haltSchema.safeParse(found.data);
      if (parsed.success) return parsed.data;
      const at = found.metadata.creationTimestamp ?? new Date().toISOString();
      return { by: 'unknown', why: `the ConfigMap ${haltName} exists and says nothing more`, at };
    },
  };
}

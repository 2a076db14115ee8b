import { AppError } from '../../domain/errors.ts';
import type { Halt } from '../../domain/injection/records.ts';
import type { Clock } from '../../ports/clock.ts';
import type { KubeApi, KubeObject, KubeResource } from '../../ports/kubernetes.ts';
import { haltSchema } from '../records/schemas.ts';
import { haltName } from './record-names.ts';
import type { Watched } from './watched.ts';

export const haltSelector = `metadata.name=${haltName}`;

/** A ConfigMap whose being there is the halt: one `kubectl create configmap` sets it. */
export function createHalt(api: KubeApi, configMaps: KubeResource, { watched, clock }: { watched: Watched; clock: Clock }) {
  /** Set and lifted between two looks, it was a halt all the same: whoever set it saw it taken. */
  let lifted: { readonly halt: Halt; readonly at: number } | null = null;
  let listens = false;
  const listen = (): void => {
    if (listens) return;
    listens = true;
    watched.onChange(({ before, after }) => {
      if (before !== null && after === null) lifted = { halt: haltOf(before), at: clock.monotonic() };
    });
  };

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
    async read(since = Infinity): Promise<Halt | null> {
      listen();
      const found = (await watched.read()).get(haltName);
      if (found !== undefined) return haltOf(found);
      return lifted !== null && lifted.at >= since ? lifted.halt : null;
    },
  };
}

function haltOf({ data, metadata }: KubeObject): Halt {
  const parsed = haltSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const at = metadata.creationTimestamp ?? new Date().toISOString();
  return { by: 'unknown', why: `the ConfigMap ${haltName} exists and says nothing more`, at };
}

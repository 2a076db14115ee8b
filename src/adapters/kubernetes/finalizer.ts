import { AppError } from '../../domain/errors.ts';
import { isTerminal } from '../../domain/injection/records.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { KubeApi, KubeResource } from '../../ports/kubernetes.ts';
import { revertFinalizer } from './record-names.ts';
import { statusOf } from './record-objects.ts';

/** Lets a record go whose injection has ended: until then `kubectl delete` waits. */
export async function letGo(api: KubeApi, injections: KubeResource, id: string): Promise<void> {
  for (;;) {
    const found = await api.get(injections, id);
    const { finalizers = [], resourceVersion } = found?.metadata ?? {};
    if (found === null || !finalizers.includes(revertFinalizer)) return;
    const status = statusOf(found);
    if (status === null || isCorrupt(status) || !isTerminal(status.phase)) {
      throw new AppError('internal/bug', `Injection "${id}" has not ended, so its record must stay. This is a bug`);
    }
    const rest = finalizers.filter((name) => name !== revertFinalizer);
    const body = { metadata: { resourceVersion, finalizers: rest } };
    const patched = await api.patch(injections, id, { type: 'merge', body });
    if (patched.ok || patched.status === 404) return;
    if (patched.status !== 409)
      throw new AppError('upstream/refused', `The record of "${id}" was not let go: ${patched.message}`);
  }
}

import type { InjectionSpec } from '../domain/injection/records.ts';
import type { InjectionStore } from '../ports/injections.ts';
import { openPermit } from './permit-writer.ts';

/**
 * Commands the revert of a run, also of injections whose watcher died before it wrote them: those are written now, under a
 * permit that says revert, so that the agent refuses them for good. A watcher that comes back late then finds them ended.
 * What is written already, even if it can no longer be read, is the agent's to end.
 */
export async function commandRevert(store: InjectionStore, runId: string, specs: readonly InjectionSpec[]): Promise<void> {
  await (await openPermit(store, runId)).revert();
  const written = new Set((await store.readSpecs()).map(({ id }) => id));
  for (const spec of specs) if (!written.has(spec.id)) await store.writeSpec(spec);
}

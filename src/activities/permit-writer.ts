import type { Permit } from '../domain/injection/records.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { InjectionStore } from '../ports/injections.ts';

/**
 * A watcher's or a revert's hold on a run's permit. Each takes a generation above every one it has read, so what an older
 * one still writes has no effect. Writes are serialised: a renewal never overtakes a revert.
 */
export interface PermitWriter {
  /** A run's first permit. One that is there already is left as it is: starting again earns no renewal. */
  begin(): Promise<void>;
  renew(): Promise<void>;
  release(stage: number): Promise<void>;
  /** Takes back this stage, and those after it. */
  withdraw(stage: number): Promise<void>;
  /** As it was written last, or found. */
  isReleased(stage: number): boolean;
  /** Renews nothing. */
  freeze(frozen: boolean): Promise<void>;
  /** As it was written last, or found. */
  frozen(): boolean;
  /** Latched: nothing after it takes it back. */
  revert(): Promise<void>;
}

export async function openPermit(store: InjectionStore, runId: string): Promise<PermitWriter> {
  const found = await store.readPermit(runId);
  const before = found === null || isCorrupt(found) ? null : found;
  let permit: Permit = {
    schemaVersion: 1,
    runId,
    generation: (before?.generation ?? 0) + 1,
    renewal: 0,
    releasedStage: before?.releasedStage ?? 0,
    freeze: before?.freeze ?? false,
    // A permit that cannot be read may have been a revert: taking it for one is the safe side.
    revert: before?.revert ?? found !== null,
  };
  let { freeze: frozen, releasedStage } = permit;
  let queue: Promise<void> = Promise.resolve();

  const write = (change: (current: Permit) => Permit): Promise<void> => {
    const done = queue.then(async () => {
      permit = change(permit);
      await store.writePermit(permit);
      ({ freeze: frozen, releasedStage } = permit);
    });
    // Whoever asked for the write is told; the next one does not fail with it.
    queue = done.catch(() => {});
    return done;
  };

  const renew = (): Promise<void> => write((current) => ({ ...current, renewal: current.renewal + 1 }));

  return {
    begin: async () => {
      if (found === null) await renew();
    },
    renew,
    release: (stage) =>
      write((current) => ({ ...current, releasedStage: Math.max(stage, current.releasedStage), renewal: current.renewal + 1 })),
    withdraw: (stage) =>
      write((current) => ({
        ...current,
        releasedStage: Math.min(stage - 1, current.releasedStage),
        renewal: current.renewal + 1,
      })),
    isReleased: (stage) => stage <= releasedStage,
    freeze: (frozen) => write((current) => ({ ...current, freeze: frozen })),
    frozen: () => frozen,
    revert: () => write((current) => ({ ...current, revert: true })),
  };
}

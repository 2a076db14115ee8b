import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import type { InjectionStatus } from '../domain/injection/records.ts';
import type { AgentDependencies } from './dependencies.ts';

const retryMs = 250;
/** How long a status may wait for what changes the target: nobody misses so short a time, and at a release every millisecond counts. */
const giveWayMs = 50;

export interface StatusWriter {
  /** Never waits and never throws: the agent reverts first and reports afterwards. */
  write(status: InjectionStatus): void;
  /** What is written from now on waits for that, for 50 ms at most: both want the processor, and so does the API server. */
  giveWayTo(change: Promise<unknown>): void;
  /** Resolves when all that was written so far is durable. */
  written(): Promise<void>;
  abandon(): void;
}

/** Writes one injection's newest status, in order, again and again until the store takes it. */
export function createStatusWriter(deps: Pick<AgentDependencies, 'store' | 'log' | 'name' | 'version'>): StatusWriter {
  const agent = { name: deps.name, version: deps.version, pid: process.pid };
  let newest: InjectionStatus | null = null;
  let running: Promise<void> | null = null;
  let abandoned = false;
  let change: Promise<unknown> | null = null;

  const drain = async (): Promise<void> => {
    while (newest !== null && !abandoned) {
      if (change !== null) {
        await Promise.race([change, sleep(giveWayMs)]);
        change = null;
        continue;
      }
      const status: InjectionStatus = newest;
      newest = null;
      try {
        await deps.store.writeStatus({ ...status, agent });
      } catch (error) {
        newest ??= status;
        deps.log.warn({ injection: status.id, problem: messageOf(error) }, 'status not stored, trying again');
        await sleep(retryMs);
      }
    }
    running = null;
  };

  return {
    write(status) {
      newest = status;
      running ??= drain();
    },
    giveWayTo(begun) {
      // How it ends is told to who began it: here only that it has ended counts.
      change = begun.catch(() => {});
    },
    async written() {
      await running;
    },
    abandon() {
      abandoned = true;
    },
  };
}

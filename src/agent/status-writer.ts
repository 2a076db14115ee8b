import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import type { InjectionStatus } from '../domain/injection/records.ts';
import type { AgentDependencies } from './dependencies.ts';

const retryMs = 250;
/**
 * How long a status may wait for what is done to the target and for the look at it: nobody misses so short a time, and at a release
 * the writes of those that were first would hold up the others.
 */
const giveWayMs = 100;

export interface StatusWriter {
  /** Never waits and never throws: the agent reverts first and reports afterwards. */
  write(status: InjectionStatus): void;
  /** What is written from now on waits for that, for 100 ms at most: both want the processor, and so does the API server. */
  giveWayTo(call: Promise<unknown>): void;
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
  let call: Promise<unknown> | null = null;

  /** Also to the call that follows on one at once, as the first look does. */
  const giveWay = async (): Promise<void> => {
    const longEnough = sleep(giveWayMs);
    while (call !== null) {
      const begun: Promise<unknown> = call;
      await Promise.race([begun, longEnough]);
      if (call === begun) call = null;
    }
  };

  const drain = async (): Promise<void> => {
    while (newest !== null && !abandoned) {
      if (call !== null) {
        await giveWay();
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
      call = begun.catch(() => {});
    },
    async written() {
      await running;
    },
    abandon() {
      abandoned = true;
    },
  };
}

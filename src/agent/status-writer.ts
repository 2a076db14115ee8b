import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../domain/errors.ts';
import type { InjectionStatus } from '../domain/injection/records.ts';
import type { AgentDependencies } from './dependencies.ts';

const retryMs = 250;

export interface StatusWriter {
  /** Never waits and never throws: the agent reverts first and reports afterwards. */
  write(status: InjectionStatus): void;
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

  const drain = async (): Promise<void> => {
    while (newest !== null && !abandoned) {
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
    async written() {
      await running;
    },
    abandon() {
      abandoned = true;
    },
  };
}

import { startPart, stopPart } from '../../lab/host/part.ts';
import type { PartCommand, PartRecord } from '../../lab/host/part.ts';
import { groupMembers } from '../../lab/host/process-identity.ts';
import { until } from './command-line.ts';

/** A real server that a test may kill, freeze and start again. */
export interface Upstream {
  /** Dead when it resolves, as after `kill -9`. */
  kill(): Promise<void>;
  /** Its connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** Ready when it resolves; up already is fine. */
  start(): Promise<void>;
  /** In order, and for good. */
  stop(): Promise<void>;
}

export function upstream(command: PartCommand): Upstream {
  let record: PartRecord | null = null;
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of record === null ? [] : groupMembers(record)) process.kill(pid, name);
  };
  const isUp = (): boolean => record !== null && groupMembers(record).length > 0;
  return {
    async kill() {
      signal('SIGKILL');
      await until(() => !isUp());
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async start() {
      signal('SIGCONT');
      if (!isUp()) await startPart(command, (started) => (record = started));
    },
    async stop() {
      signal('SIGCONT');
      if (record !== null) await stopPart(record);
    },
  };
}

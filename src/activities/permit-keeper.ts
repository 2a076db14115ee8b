import { messageOf } from '../domain/errors.ts';
import { isFrozen } from '../domain/measure/freeze.ts';
import type { ProbeState } from '../domain/measure/probe-state.ts';
import type { PermitWriter } from './permit-writer.ts';
import type { Recorder } from './recorder.ts';

/** What a watcher writes into its permit again and again. A write that fails is told and not fatal: leases run out by themselves. */
export interface PermitKeeper {
  renew(): void;
  /** Freezes the run while an abort probe holds, and lets it go on when all of them see again. */
  follow(abortProbes: readonly ProbeState[]): void;
}

export function createPermitKeeper(permit: PermitWriter, recorder: Pick<Recorder, 'event'>): PermitKeeper {
  const failing = new Set<string>();
  let writing = false;

  const told = async (what: string, write: Promise<void>): Promise<void> => {
    try {
      await write;
      failing.delete(what);
    } catch (error) {
      // Once until it works again: it is tried every second.
      if (!failing.has(what)) recorder.event({ source: 'run', kind: `run.${what}-not-written`, text: messageOf(error) });
      failing.add(what);
    }
  };

  const freeze = async (frozen: boolean): Promise<void> => {
    await permit.freeze(frozen);
    recorder.event(
      frozen
        ? { source: 'run', kind: 'run.frozen', text: 'a probe cannot see: nothing more is released, pulses and ramps stop' }
        : { source: 'run', kind: 'run.thawed', text: 'every abort probe sees again: the run goes on' },
    );
  };

  return {
    renew: () => void told('renewal', permit.renew()),
    follow(abortProbes) {
      const frozen = isFrozen(permit.frozen(), abortProbes);
      if (writing || frozen === permit.frozen()) return;
      writing = true;
      void told('freeze', freeze(frozen)).finally(() => (writing = false));
    },
  };
}

import { disrupts } from '../faults/fault.ts';
import type { Fault } from '../faults/fault.ts';
import { check } from '../spec/check.ts';
import type { FaultRegistry } from '../spec/fault-registry.ts';

type Known = Pick<Fault, 'name' | 'params' | 'targets' | 'agents' | 'effect' | 'effectFor' | 'disruptsWhileHeld' | 'byHand'>;

/** The faults, as the file formats and plans see them. */
export function faultRegistry(faults: readonly Known[]): FaultRegistry {
  const byName = new Map(faults.map((fault) => [fault.name, fault]));
  return {
    names: [...byName.keys()],
    targets: (name) => byName.get(name)?.targets ?? [],
    agents: (name) => byName.get(name)?.agents ?? [],
    disrupts(name, params) {
      const fault = byName.get(name);
      const parsed = fault?.params.safeParse(params);
      return fault !== undefined && parsed?.success === true && disrupts(fault, parsed.data);
    },
    byHand(name, params) {
      const fault = byName.get(name);
      const parsed = fault?.params.safeParse(params);
      return parsed?.success === true ? (fault?.byHand?.(parsed.data) ?? null) : null;
    },
    parse(name, params) {
      const fault = byName.get(name);
      if (fault !== undefined) return check(fault.params, params);
      return { ok: false, issues: [{ path: [], at: 'value', message: `fault "${name}" does not exist` }] };
    },
  };
}

import type { Fault } from '../faults/fault.ts';
import { check } from '../spec/check.ts';
import type { FaultRegistry } from '../spec/fault-registry.ts';

/** The faults, as the file formats see them. */
export function faultRegistry(faults: readonly Pick<Fault, 'name' | 'params' | 'targets'>[]): FaultRegistry {
  const byName = new Map(faults.map((fault) => [fault.name, fault]));
  return {
    names: [...byName.keys()],
    targets: (name) => byName.get(name)?.targets ?? [],
    parse(name, params) {
      const fault = byName.get(name);
      if (fault !== undefined) return check(fault.params, params);
      return { ok: false, issues: [{ path: [], at: 'value', message: `fault "${name}" does not exist` }] };
    },
  };
}

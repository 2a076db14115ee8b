import type { Permit } from '../../domain/injection/records.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { PermitLook, Read } from '../../ports/injections.ts';

interface LastLook {
  readonly began: number;
  readonly look: PermitLook;
}

export interface PermitLooks {
  /** What a look that began then showed. A renewal that the look before did not show was stored after that began. */
  note(runId: string, permit: Read<Permit> | null, began: number): PermitLook;
  last(runId: string): LastLook | null;
  forget(runId: string): void;
}

export function createPermitLooks(): PermitLooks {
  const looks = new Map<string, LastLook>();
  return {
    note(runId, permit, began) {
      const before = looks.get(runId);
      const known = before?.look.permit ?? null;
      const since = before === undefined || known === null ? began : isNewer(permit, known) ? before.began : before.look.since;
      const look = { permit, since };
      if (permit === null) looks.delete(runId);
      else looks.set(runId, { began, look });
      return look;
    },
    last: (runId) => looks.get(runId) ?? null,
    forget: (runId) => void looks.delete(runId),
  };
}

function isNewer(permit: Read<Permit> | null, than: Read<Permit>): boolean {
  if (permit === null || isCorrupt(permit) || isCorrupt(than)) return true;
  return permit.generation !== than.generation || permit.renewal !== than.renewal;
}

import { isDeepStrictEqual } from 'node:util';
import type { Permit } from '../../domain/injection/records.ts';
import { isCorrupt } from '../../ports/injections.ts';
import type { PermitLook, Read } from '../../ports/injections.ts';

interface LastLook {
  readonly began: number;
  readonly look: PermitLook;
  /** When it was told rather than asked for. */
  readonly heardAt?: number;
}

export interface PermitLooks {
  /**
   * What a look that began then showed; the same look as before where it showed the same. A renewal that the look before did not
   * show was stored after that began.
   */
  note(runId: string, permit: Read<Permit> | null, began: number): PermitLook;
  /** The same of a permit that was told, not asked for: how old the telling is nobody knows, so no look has begun with it. null: it says nothing newer. */
  hear(runId: string, permit: Read<Permit>, at: number): PermitLook | null;
  last(runId: string): LastLook | null;
  forget(runId: string): void;
}

export function createPermitLooks(): PermitLooks {
  const looks = new Map<string, LastLook>();
  return {
    note(runId, permit, began) {
      const before = looks.get(runId);
      const known = before?.look.permit ?? null;
      if (before !== undefined && isOvertaken(permit, before, began)) {
        looks.set(runId, { began, look: before.look });
        return before.look;
      }
      const since = before === undefined || known === null ? began : isNewer(permit, known) ? before.began : before.look.since;
      const seen = { permit, since };
      const look = before !== undefined && isDeepStrictEqual(before.look, seen) ? before.look : seen;
      if (permit === null) looks.delete(runId);
      else looks.set(runId, { began, look });
      return look;
    },
    hear(runId, permit, at) {
      const before = looks.get(runId);
      if (before === undefined || !isLater(permit, before.look.permit)) return null;
      const look = { permit, since: before.began };
      looks.set(runId, { began: before.began, look, heardAt: at });
      return look;
    },
    last: (runId) => looks.get(runId) ?? null,
    forget: (runId) => void looks.delete(runId),
  };
}

/** Something was told while this was on its way, and which of the two is the later only a renewal could say. A revert always counts. */
function isOvertaken(permit: Read<Permit> | null, { look, heardAt }: LastLook, began: number): boolean {
  if (heardAt === undefined || heardAt < began || permit === null || isCorrupt(permit) || permit.revert) return false;
  return !isLater(permit, look.permit);
}

function isNewer(permit: Read<Permit> | null, than: Read<Permit>): boolean {
  if (permit === null || isCorrupt(permit) || isCorrupt(than)) return true;
  return permit.generation !== than.generation || permit.renewal !== than.renewal;
}

/** Of two with the same renewal nobody can say which is the later. */
function isLater(permit: Read<Permit>, than: Read<Permit> | null): boolean {
  if (than === null || isCorrupt(permit) || isCorrupt(than)) return false;
  return permit.generation === than.generation ? permit.renewal > than.renewal : permit.generation > than.generation;
}

import { isTerminal } from '../domain/injection/records.ts';
import type { InjectionSpec, InjectionStatus } from '../domain/injection/records.ts';
import { isCorrupt } from '../ports/injections.ts';
import type { Read } from '../ports/injections.ts';

export interface InjectionFigures {
  /** Records by phase; `waiting` has no agent's answer, `unreadable` is damaged. */
  readonly byPhase: Readonly<Record<string, number>>;
  /** How long the injection that is latest in ending should have ended; 0 when none is late. */
  readonly overdueSeconds: number;
}

/** What is broken on purpose, in figures. `now`: Unix ms. */
export function injectionFigures(
  specs: readonly Read<InjectionSpec>[],
  statuses: readonly Read<InjectionStatus>[],
  now: number,
): InjectionFigures {
  const answered = new Map(statuses.map((status) => [status.id, isCorrupt(status) ? null : status.phase]));
  const byPhase: Record<string, number> = {};
  let overdueMs = 0;
  for (const spec of specs) {
    const phase = answered.get(spec.id) ?? null;
    const name = isCorrupt(spec) ? 'unreadable' : (phase ?? (answered.has(spec.id) ? 'unreadable' : 'waiting'));
    byPhase[name] = (byPhase[name] ?? 0) + 1;
    if (!isCorrupt(spec) && (phase === null || !isTerminal(phase)))
      overdueMs = Math.max(overdueMs, now - Date.parse(spec.deadline));
  }
  return { byPhase, overdueSeconds: overdueMs / 1000 };
}

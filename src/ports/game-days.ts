import type { GameDayPlan } from '../domain/game-day/plan.ts';
import type { GameDayRecord } from '../domain/game-day/record.ts';

/** What the archive has of one day. */
export interface ArchivedGameDay {
  readonly id: string;
  /** null: in progress, cut off, or not readable. */
  readonly record: GameDayRecord | null;
  readonly plan: GameDayPlan | null;
  /** Why the record cannot be read; null when it can, or is not there. */
  readonly problem: string | null;
}

/**
 * Where a day's retrospective goes, beside the runs; its timeline is the archive's. Errors: `archive/failed`, `record/corrupt`,
 * `record/newer`.
 */
export interface GameDayArchive {
  /** From now on the folder of that name is a day's, not a run's. */
  begin(dayId: string, plan: GameDayPlan): Promise<void>;
  /** The folder that it is in. Writing it again replaces it. */
  write(record: GameDayRecord, files: Readonly<Record<string, string>>): Promise<string>;
  read(dayId: string): Promise<GameDayRecord | null>;
  /** In no order. */
  list(): Promise<readonly ArchivedGameDay[]>;
}

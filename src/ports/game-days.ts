import type { GameDayPlan } from '../domain/game-day/plan.ts';
import type { GameDayRecord } from '../domain/game-day/record.ts';

/** Where a day's retrospective goes, beside the runs; its timeline is the archive's. Errors: `archive/failed`, `record/corrupt`. */
export interface GameDayArchive {
  /** From now on the folder of that name is a day's, not a run's. */
  begin(dayId: string, plan: GameDayPlan): Promise<void>;
  /** The folder that it is in. Writing it again replaces it. */
  write(record: GameDayRecord, files: Readonly<Record<string, string>>): Promise<string>;
  read(dayId: string): Promise<GameDayRecord | null>;
}

import { retrospectiveFiles } from '../activities/retrospective-files.ts';
import { specFiles } from '../adapters/host/spec-files.ts';
import { AppError } from '../domain/errors.ts';
import { closeGameDay } from '../domain/game-day/actions.ts';
import type { GameDayRecord } from '../domain/game-day/record.ts';
import type { GameDayArchive } from '../ports/game-days.ts';
import { parseActions } from '../spec/actions-file.ts';

/**
 * Writes the day's retrospective again, with its actions as people decided them.
 * Errors: `run/not-found`, `spec/not-found`, `spec/invalid` while an action lacks owner or due date.
 */
export async function closeGameDayWith(
  gameDays: GameDayArchive,
  dayId: string,
  actionsFile: string,
  now: string,
): Promise<{ record: GameDayRecord; directory: string }> {
  const open = await gameDays.read(dayId);
  if (open === null) throw new AppError('run/not-found', `the archive has no retrospective of ${dayId}. Check the day's id`);
  const record = closeGameDay(open, parseActions(actionsFile, await specFiles.read(actionsFile)), now);
  const directory = await gameDays.write(record, retrospectiveFiles(record));
  return { record, directory };
}

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, messageOf } from '../../domain/errors.ts';
import type { GameDayRecord } from '../../domain/game-day/record.ts';
import type { GameDayArchive } from '../../ports/game-days.ts';

/** Its presence tells a day's folder from a run's. */
export const gameDayPlanFile = 'game-day-plan.json';
const recordFile = 'game-day.json';

/** One folder per day, among those of the runs. */
export function createGameDayArchive(directory: string): GameDayArchive {
  const write = async (dayId: string, name: string, text: string) => {
    const path = join(directory, dayId, name);
    const scratch = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(join(directory, dayId), { recursive: true });
      await writeFile(scratch, text);
      await rename(scratch, path);
    } catch (error) {
      throw new AppError('archive/failed', `cannot write ${path}: ${messageOf(error)}. Free space there`, { cause: error });
    }
  };
  return {
    begin: (dayId, plan) => write(dayId, gameDayPlanFile, `${JSON.stringify(plan, null, 2)}\n`),
    async write(record, files) {
      const all = { ...files, [recordFile]: `${JSON.stringify(record, null, 2)}\n` };
      for (const [name, text] of Object.entries(all)) await write(record.day.id, name, text);
      return join(directory, record.day.id);
    },
    async read(dayId) {
      const path = join(directory, dayId, recordFile);
      try {
        return JSON.parse(await readFile(path, 'utf8')) as GameDayRecord;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        const code = error instanceof SyntaxError ? 'record/corrupt' : 'archive/failed';
        throw new AppError(code, `cannot read ${path}: ${messageOf(error)}. Restore it from a copy`, { cause: error });
      }
    },
  };
}

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GameDayPlan } from '../../domain/game-day/plan.ts';
import type { GameDayRecord } from '../../domain/game-day/record.ts';
import type { ArchivedGameDay, GameDayArchive } from '../../ports/game-days.ts';
import { jsonText, readListed, readRecordFile, writeWhole } from './json-files.ts';

/** Its presence tells a day's folder from a run's. */
export const gameDayPlanFile = 'game-day-plan.json';
const recordFile = 'game-day.json';

/** One folder per day, among those of the runs. */
export function createGameDayArchive(directory: string): GameDayArchive {
  return {
    begin: (dayId, plan) => writeWhole(join(directory, dayId, gameDayPlanFile), jsonText(plan)),
    async write(record, files) {
      const all = { ...files, [recordFile]: jsonText(record) };
      for (const [name, text] of Object.entries(all)) await writeWhole(join(directory, record.day.id, name), text);
      return join(directory, record.day.id);
    },
    read: (dayId) => readRecordFile<GameDayRecord>(join(directory, dayId, recordFile)),
    async list() {
      const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
      const days = entries.filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, gameDayPlanFile)));
      return Promise.all(
        days.map(async ({ name: id }): Promise<ArchivedGameDay> => {
          const { record, problem } = await readListed<GameDayRecord>(join(directory, id, recordFile));
          const { record: plan } = await readListed<GameDayPlan>(join(directory, id, gameDayPlanFile));
          return { id, record, plan, problem };
        }),
      );
    },
  };
}

import { nextStepOfDay } from '../domain/game-day/next-step.ts';
import type { Archive } from '../ports/archive.ts';
import type { GameDayArchive } from '../ports/game-days.ts';
import { listArchive } from './list-archive.ts';

export interface LastNextStep {
  /** Of the newest run or game day of the environment that has a record. */
  readonly id: string;
  /** As its report says it. */
  readonly nextStep: string;
}

/** What to do next in an environment where nothing runs; null when nothing has ended there yet. */
export async function lastNextStep(
  { archive, gameDays }: { readonly archive: Archive; readonly gameDays: GameDayArchive },
  environment: string,
): Promise<LastNextStep | null> {
  const entries = await listArchive({ archive, gameDays });
  const last = entries.find((entry) => entry.outcome !== null && entry.environment === environment);
  if (last === undefined) return null;
  if (last.kind === 'run') {
    const record = await archive.readRecord(last.id);
    return record && { id: last.id, nextStep: record.nextStep };
  }
  const record = await gameDays.read(last.id);
  return record && { id: last.id, nextStep: nextStepOfDay(record) };
}

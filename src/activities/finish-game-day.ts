import { buildGameDayRecord, dayExitCodeOf } from '../domain/game-day/build-record.ts';
import type { GameDayFacts } from '../domain/game-day/record.ts';
import type { RunRecord } from '../domain/run-record.ts';
import type { ActivityDeps } from './connections.ts';
import { retrospectiveFiles } from './retrospective-files.ts';

/** One retrospective from the day's own timeline and the records of its runs. May run again: the same facts give the same files. */
export async function finishGameDay(
  { connect }: ActivityDeps,
  facts: GameDayFacts,
): Promise<{ exitCode: number; reportPath: string }> {
  const { archive, gameDays } = connect(facts.plan.environment);
  await gameDays.begin(facts.dayId, facts.plan);
  const runs = new Map<string, RunRecord>();
  for (const { runId } of facts.results) {
    const record = runId === null ? null : await archive.readRecord(runId);
    if (record !== null) runs.set(record.run.id, record);
  }
  const record = buildGameDayRecord(facts, await archive.readTimeline(facts.dayId), runs);
  const directory = await gameDays.write(record, retrospectiveFiles(record));
  return { exitCode: dayExitCodeOf(record), reportPath: `${directory}/retrospective.html` };
}

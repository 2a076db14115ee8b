import { scenarioRunId } from '../domain/game-day/plan.ts';
import type { Archive, ArchivedRun } from '../ports/archive.ts';
import type { ArchivedGameDay, GameDayArchive } from '../ports/game-days.ts';

export interface ListedRun extends ArchivedRun {
  readonly kind: 'run';
}

export interface ListedScenario {
  readonly name: string;
  /** `planned`: the day has no record yet. */
  readonly state: 'ran' | 'done' | 'timed-out' | 'skipped' | 'planned';
  readonly run: ListedRun | null;
}

export interface ListedGameDay {
  readonly kind: 'game-day';
  readonly id: string;
  readonly environment: string;
  readonly name: string;
  readonly startedAt: string;
  /** null: in progress, cut off, or not readable. */
  readonly outcome: { readonly ending: string; readonly cleanup: string; readonly closed: boolean } | null;
  readonly problem: string | null;
  readonly scenarios: readonly ListedScenario[];
}

/** Game days with their runs, and the runs that belong to none; newest first. */
export async function listArchive({
  archive,
  gameDays,
}: {
  readonly archive: Pick<Archive, 'list' | 'readTimeline'>;
  readonly gameDays: Pick<GameDayArchive, 'list'>;
}): Promise<readonly (ListedRun | ListedGameDay)[]> {
  const runs = new Map((await archive.list()).map((run): [string, ListedRun] => [run.id, { kind: 'run', ...run }]));
  const days = await Promise.all(
    (await gameDays.list()).map(async (day): Promise<ListedGameDay> => {
      const { record, plan, id, problem } = day;
      return {
        kind: 'game-day',
        id,
        environment: record?.day.environment ?? plan?.environment.name ?? '',
        name: record?.day.name ?? plan?.name ?? '',
        startedAt: record?.day.startedAt ?? (await archive.readTimeline(id))[0]?.at ?? '',
        outcome: record && { ending: record.ending, cleanup: record.cleanup, closed: record.closedAt !== null },
        problem,
        scenarios: scenariosOf(day, runs),
      };
    }),
  );
  const ofDays = new Set(days.flatMap(({ scenarios }) => scenarios.map(({ run }) => run?.id)));
  const alone = [...runs.values()].filter(({ id }) => !ofDays.has(id));
  return [...days, ...alone].toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

function scenariosOf({ id, record, plan }: ArchivedGameDay, runs: ReadonlyMap<string, ListedRun>): readonly ListedScenario[] {
  if (record !== null) {
    return record.scenarios.map(({ name, state, runId }) => ({ name, state, run: runs.get(runId ?? '') ?? null }));
  }
  return (plan?.scenarios ?? []).map(({ name }, index) => ({
    name,
    state: 'planned',
    run: runs.get(scenarioRunId(id, index + 1, name)) ?? null,
  }));
}

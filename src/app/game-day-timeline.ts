import type { TimelineEvent } from '../domain/run-record.ts';
import type { Archive } from '../ports/archive.ts';

/** The timeline of a day and, as each begins, of its runs: what `followRun` reads. */
export function gameDayTimeline(archive: Pick<Archive, 'readTimeline'>): Pick<Archive, 'readTimeline'> {
  return {
    async readTimeline(dayId) {
      const own = await archive.readTimeline(dayId);
      const runs = own.flatMap(({ data }) => (typeof data?.['runId'] === 'string' ? [data['runId']] : []));
      const all: TimelineEvent[] = [...own, ...(await Promise.all(runs.map((id) => archive.readTimeline(id)))).flat()];
      return all.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
    },
  };
}

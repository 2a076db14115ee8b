import { isTerminal } from '../../domain/injection/records.ts';
import type { InjectionStatus } from '../../domain/injection/records.ts';
import { isCorrupt } from '../../ports/injections.ts';
import { statusOf } from './record-objects.ts';
import type { Watched } from './watched.ts';

/** More than any run has. */
const kept = 2_000;

/** How injections ended whose records were deleted since: a run that saw the end need not find its record again. */
export function createLastWords(injections: Pick<Watched, 'onChange'>) {
  const words = new Map<string, InjectionStatus>();
  injections.onChange(({ before, after }) => {
    if (after !== null) words.delete(after.metadata.name);
    if (before === null || after !== null) return;
    const status = statusOf(before);
    if (status === null || isCorrupt(status) || !isTerminal(status.phase)) return;
    words.set(status.id, status);
    const [oldest] = words.keys();
    if (words.size > kept && oldest !== undefined) words.delete(oldest);
  });
  return {
    ids: (): readonly string[] => [...words.keys()],
    of: (id: string): InjectionStatus | null => words.get(id) ?? null,
  };
}

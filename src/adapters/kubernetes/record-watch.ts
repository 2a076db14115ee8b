import type { WatchRecords } from '../../ports/record-watch.ts';
import type { Change } from './reflector.ts';
import type { Watched } from './watched.ts';

/** Calls back when anything changed that others write; what an agent says itself, in a status, is no news to it. */
export function createRecordWatch(watched: readonly Watched[]): { readonly watch: WatchRecords; readonly notify: () => void } {
  const listeners = new Set<() => void>();
  const notify = (): void => listeners.forEach((listener) => listener());
  return {
    notify,
    watch(onChange) {
      listeners.add(onChange);
      const unwatch = watched.map((each) => each.onChange((change) => isNews(change) && onChange()));
      return () => {
        listeners.delete(onChange);
        unwatch.forEach((end) => end());
      };
    },
  };
}

/** A status changes no generation. */
function isNews({ before, after }: Change): boolean {
  if (before === null || after === null) return true;
  const [was, is] = [before.metadata, after.metadata];
  return was.generation === undefined || was.generation !== is.generation || was.deletionTimestamp !== is.deletionTimestamp;
}

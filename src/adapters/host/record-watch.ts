import { watch } from 'node:fs';
import { join } from 'node:path';
import type { WatchRecords } from '../../ports/record-watch.ts';

/** Watches what other processes write: specs, permits and the halt file. A watch that fails is left to the caller's poll. */
export function createRecordWatch(directory: string): WatchRecords {
  return (onChange) => {
    const watchers = [directory, join(directory, 'specs'), join(directory, 'permits')].map((path) => {
      // Temporary files of atomic writes come first and mean nothing.
      const watcher = watch(path, (_event, name) => {
        if (name === null || name.endsWith('.json')) onChange();
      });
      watcher.on('error', () => watcher.close());
      return watcher;
    });
    return () => watchers.forEach((watcher) => watcher.close());
  };
}

import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { WatchRecords } from '../../ports/record-watch.ts';

/** Watches what other processes write: specs, permits and the halt file. A watch that fails is left to the caller's poll. */
export function createRecordWatch(directory: string): WatchRecords {
  return (onChange) => {
    const watchers = [directory, join(directory, 'specs'), join(directory, 'permits')].flatMap((path) => {
      const watcher = tryWatch(path, onChange);
      watcher?.on('error', () => watcher.close());
      return watcher ?? [];
    });
    return () => watchers.forEach((watcher) => watcher.close());
  };
}

/** null when the machine has no watch left to give: other programs may hold them all, and an agent must live all the same. */
function tryWatch(path: string, onChange: () => void): FSWatcher | null {
  try {
    // Temporary files of atomic writes come first and mean nothing.
    return watch(path, (_event, name) => {
      if (name === null || /\.(json|revert)$/.test(name)) onChange();
    });
  } catch {
    return null;
  }
}

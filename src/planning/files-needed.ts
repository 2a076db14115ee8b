import { resolve } from 'node:path';
import type { Workspace } from './workspace.ts';

/** The files that one file needs, as absolute paths: itself, and whatever has a name that it points at, however far. */
export function filesNeededBy(file: string, { entries }: Pick<Workspace, 'entries'>): ReadonlySet<string> {
  const needed = new Set<string>();
  const waiting = entries.filter((entry) => resolve(entry.file) === resolve(file));
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (needed.has(resolve(entry.file))) continue;
    needed.add(resolve(entry.file));
    const { pointsAt } = entry;
    waiting.push(...entries.filter(({ kind, name }) => pointsAt.some((to) => to.kind === kind && to.name === name)));
  }
  return needed;
}

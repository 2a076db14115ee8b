import { dirname, join, relative, resolve } from 'node:path';
import type { SpecFiles } from '../ports/spec-files.ts';

/** Where people keep files, beside each other, when they do not say. */
export const workspaceDirectories: readonly string[] = ['experiments', 'hypotheses', 'slos', 'environments'];

/** What shows that a directory is a workspace's root. */
const signs: readonly string[] = ['experiments', 'environments'];

/**
 * The workspace that a file is of: the nearest directory above it that holds experiments/ or environments/, else the current
 * one. Relative to the current directory, as people read paths; itself `.`.
 */
export async function workspaceRootOf(file: string, files: Pick<SpecFiles, 'list'>): Promise<string> {
  let directory = dirname(resolve(file));
  for (;;) {
    const path = relative('', directory) || '.';
    for (const sign of signs) if ((await files.list(join(path, sign))).length > 0) return path;
    if (directory === dirname(directory)) return '.';
    directory = dirname(directory);
  }
}

/** The workspace's directories, below its root. */
export function directoriesIn(root: string): readonly string[] {
  return workspaceDirectories.map((directory) => join(root, directory));
}

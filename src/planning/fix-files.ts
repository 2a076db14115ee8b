import { migrate } from '../spec/migrations/migrate.ts';
import { migrations } from '../spec/migrations/index.ts';
import type { Migration } from '../spec/migrations/migration.ts';
import type { Fix, Problem } from '../spec/problem.ts';
import { validateFiles } from './workspace.ts';
import type { WorkspaceDeps } from './workspace.ts';

/** One change that was made. Line and column begin at 1. */
export interface Change {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

export interface FixedFiles {
  readonly files: readonly string[];
  readonly changes: readonly Change[];
  /** What is left for people. */
  readonly problems: readonly Problem[];
}

/**
 * What `firedrill validate --fix` asks: brings files to today's formats and writes what was meant where there is no doubt.
 * A change that makes another problem where it stands was not what was meant, and is not made. Errors: as `validateFiles`,
 * and `spec/not-found` for a file that cannot be written.
 */
export async function fixFiles(
  paths: readonly string[],
  { files: disk, faults }: WorkspaceDeps,
  known: readonly Migration[] = migrations,
): Promise<FixedFiles> {
  const written = new Map<string, string>();
  const read = async (file: string) => written.get(file) ?? disk.read(file);
  const deps: WorkspaceDeps = { files: { ...disk, read }, faults };
  const changes: Change[] = [];

  for (const file of (await validateFiles(paths, deps)).files) {
    const migrated = migrate(await read(file), known);
    if (migrated === null) continue;
    written.set(file, migrated.text);
    for (const { from, to, summary } of migrated.steps) {
      changes.push({ file, line: migrated.line, column: 1, text: `from ${from} to ${to}: ${summary}` });
    }
  }

  let left = await validateFiles(paths, deps);
  const refused = new Set<string>();
  for (;;) {
    const next = left.problems.find((problem) => problem.fix !== undefined && !refused.has(keyOf(problem)));
    if (next?.fix === undefined) break;
    const before = await read(next.file);
    written.set(next.file, applied(before, next.fix));
    const after = await validateFiles(paths, deps);
    if (isSure(next, left.problems, after.problems)) {
      const was = before.slice(next.fix.offset, next.fix.offset + next.fix.length);
      changes.push({ file: next.file, line: next.line, column: next.column, text: `"${was}" is now "${next.fix.text}"` });
      left = after;
    } else {
      written.set(next.file, before);
      refused.add(keyOf(next));
    }
  }
  for (const file of new Set(changes.map(({ file }) => file))) await disk.write(file, await read(file));
  return { files: left.files, changes, problems: left.problems };
}

function applied(text: string, { offset, length, text: meant }: Fix): string {
  return text.slice(0, offset) + meant + text.slice(offset + length);
}

/** The problem is gone, and neither what was changed nor what it stands in has a new one. Deeper ones had only been hidden. */
function isSure({ file, path, message, fix }: Problem, before: readonly Problem[], after: readonly Problem[]): boolean {
  const places = [fix?.path, parentOf(fix?.path ?? '')];
  const isOld = (problem: Problem) => before.some((old) => old.path === problem.path && old.message === problem.message);
  return !after.some(
    (problem) =>
      problem.file === file &&
      ((problem.path === path && problem.message === message) || (places.includes(problem.path) && !isOld(problem))),
  );
}

function parentOf(path: string): string {
  return path.replace(/(^|\.)[^.[\]]+$|\[\d+\]$/, '');
}

function keyOf({ file, path, message }: Problem): string {
  return `${file} ${path} ${message}`;
}

import { resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Kind, Spec } from '../spec/kinds.ts';
import type { Problem } from '../spec/problem.ts';
import { filesNeededBy } from './files-needed.ts';
import { loadWorkspace, refuseProblems } from './workspace.ts';
import type { Workspace, WorkspaceDeps } from './workspace.ts';
import { directoriesIn, workspaceRootOf } from './workspace-root.ts';

/** A spec with its workspace, and the problems of files that it does not need: these are no reason to refuse it. */
export interface ReadSpec<K extends Kind> {
  readonly spec: Extract<Spec, { kind: K }>;
  readonly workspace: Workspace;
  readonly aside: readonly Problem[];
}

/**
 * Reads the file of one experiment or game day with the workspace around it. Errors: `spec/invalid` with every problem of it
 * and of the files it needs, `spec/not-found` when it is not there or of another kind.
 */
export async function readSpec<K extends Kind>(
  file: string,
  { kind, what }: { readonly kind: K; readonly what: string },
  deps: WorkspaceDeps,
): Promise<ReadSpec<K>> {
  const root = await workspaceRootOf(file, deps.files);
  const workspace = await loadWorkspace([file, ...directoriesIn(root)], deps);
  const needed = filesNeededBy(file, workspace);
  const isNeeded = (problem: Problem): boolean => needed.has(resolve(problem.file));
  refuseProblems(workspace.problems.filter(isNeeded));
  const spec = workspace.specs.find((entry) => resolve(entry.file) === resolve(file))?.spec;
  if (spec === undefined || !isOf(spec, kind)) {
    throw new AppError(
      'spec/not-found',
      `${file} is not ${what}. Give a file of kind ${kind}; \`firedrill validate\` lists what is here`,
    );
  }
  return { spec, workspace, aside: workspace.problems.filter((problem) => !isNeeded(problem)) };
}

function isOf<K extends Kind>(spec: Spec, kind: K): spec is Extract<Spec, { kind: K }> {
  return spec.kind === kind;
}

/** One line for people; null when there is nothing to say. */
export function asideText(aside: readonly Problem[]): string | null {
  if (aside.length === 0) return null;
  const files = [...new Set(aside.map(({ file }) => file))];
  return `problems in ${files.join(', ')}, which ${files.length === 1 ? 'is' : 'are'} not needed here: \`firedrill validate\` tells them`;
}

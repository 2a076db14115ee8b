import { resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';
import type { Experiment } from '../spec/experiment.ts';
import { loadWorkspace, refuseProblems } from './workspace.ts';
import type { Workspace, WorkspaceDeps } from './workspace.ts';

/**
 * Reads one experiment and the hypotheses and SLOs it may name. Errors: `spec/not-found`; `spec/invalid` with every problem of
 * every file that was read.
 */
export async function loadExperiment(
  file: string,
  deps: WorkspaceDeps,
): Promise<{ readonly experiment: Experiment; readonly workspace: Workspace }> {
  if ((await deps.files.list(file)).length === 0) {
    throw new AppError('spec/not-found', `${file} is not there. Give the path of an experiment file`);
  }
  const workspace = await loadWorkspace([file, 'hypotheses', 'slos'], deps);
  refuseProblems(workspace.problems);
  const spec = workspace.specs.find((each) => resolve(each.file) === resolve(file))?.spec;
  if (spec?.kind === 'Experiment') return { experiment: spec, workspace };
  throw new AppError('spec/invalid', `${file}:1:1: kind: is ${spec?.kind ?? 'a directory'}. Give one file of kind Experiment`);
}

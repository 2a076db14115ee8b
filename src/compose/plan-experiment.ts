import { resolve } from 'node:path';
import { specFiles } from '../adapters/host/spec-files.ts';
import { AppError } from '../domain/errors.ts';
import type { Plan } from '../domain/plan/plan.ts';
import { faults } from '../faults/index.ts';
import { createPlan } from '../planning/create-plan.ts';
import { faultRegistry } from '../planning/fault-registry.ts';
import { loadWorkspace, refuseProblems, workspaceDirectories } from '../planning/workspace.ts';
import type { Platform } from '../ports/platform.ts';
import type { Environment } from '../spec/environment.ts';

/** From an experiment's file, with the hypotheses and SLOs beside it, to its plan in an environment. */
export async function planExperiment(
  file: string,
  options: { readonly environment: Environment; readonly platform: Platform; readonly seed: number | undefined },
): Promise<Plan> {
  const registry = faultRegistry(faults);
  const workspace = await loadWorkspace([file, ...workspaceDirectories], { files: specFiles, faults: registry });
  const named = workspace.specs.find((entry) => resolve(entry.file) === resolve(file));
  refuseProblems(workspace.problems);
  if (named?.spec.kind !== 'Experiment') {
    throw new AppError(
      'spec/not-found',
      `${file} is not an experiment. Give a file of kind Experiment; \`firedrill validate\` lists what is here`,
    );
  }
  return createPlan({
    experiment: named.spec,
    environment: options.environment,
    workspace,
    platform: options.platform,
    faults: registry,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
  });
}
